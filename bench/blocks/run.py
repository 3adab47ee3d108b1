"""What the blocks of documents take in storage: `python -m bench.blocks.run PATH… [--keep INDEX_DIR] [--json FILE]`.

Each PATH (a folder, a file, a JSONL of documents) is ingested into a collection of its own with the defaults. Then the
catalog is copied twice, as it is and without what the structures hold, and both copies are packed (VACUUM), so that
free pages count in neither. Told: documents, blocks, bytes of canonical text, of the packed column of blocks, of both
catalogs and of the whole collection with its search files.
"""

import argparse
import json
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from ingest.run import ingest
from ragchat.corpus.contract import Snapshot
from ragchat.corpus.opening import open_stores
from ragchat.models import load_embedder


def measure(path: Path, indexes: Path) -> dict[str, float]:
    """Counts, bytes and shares of one collection."""
    embedder = load_embedder("local:minilm")
    store = open_stores(indexes).store(_name(path))
    if store.current() is None:
        ingest([path], store, embedder)
    with store.open(embedder=embedder.spec) as snapshot:
        documents, blocks, text = _counted(snapshot)
    store.close()
    folder = indexes / _name(path)
    column, packed, without = _catalog_bytes(folder / "catalog.sqlite")
    whole = sum(
        file.stat().st_size for file in folder.rglob("*") if file.name not in ("reserve", "writer.lock")
    )
    return {
        "documents": documents,
        "blocks": blocks,
        "text_bytes": text,
        "column_bytes": column,
        "bytes_a_block": column / max(1, blocks),
        "catalog_bytes": packed,
        "catalog_without_bytes": without,
        "collection_bytes": whole,
        "of_catalog": packed / without - 1,
        "of_collection": (packed - without) / (whole - (packed - without)),
    }


def _name(path: Path) -> str:
    return path.parent.name if path.suffix else path.name


def _counted(snapshot: Snapshot) -> tuple[int, int, int]:
    """Documents, blocks, bytes of text."""
    documents = snapshot.documents(limit=1_000_000)
    read = [snapshot.read_document(document.id) for document in documents]
    return len(read), sum(len(each.blocks) for each in read), sum(len(each.text.encode()) for each in read)


def _catalog_bytes(catalog: Path) -> tuple[int, int, int]:
    """Bytes of the column, of the packed catalog, of the packed catalog without structures."""
    with tempfile.TemporaryDirectory() as scratch:
        copy, bare = Path(scratch) / "copy.sqlite", Path(scratch) / "bare.sqlite"
        with closing(sqlite3.connect(catalog)) as connection:
            (column,) = connection.execute("SELECT sum(length(blocks)) FROM structures").fetchone()
            connection.execute("VACUUM INTO ?", (str(copy),))
        packed = copy.stat().st_size
        with closing(sqlite3.connect(copy)) as connection:
            connection.execute("DROP TABLE structures")
            connection.commit()
            connection.execute("VACUUM INTO ?", (str(bare),))
        return int(column or 0), packed, bare.stat().st_size


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("paths", type=Path, nargs="+")
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    results: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        for path in options.paths:
            results[_name(path)] = measure(path, options.keep or Path(scratch))
            print(
                _name(path),
                "  ".join(f"{key} {value:,.4g}" for key, value in results[_name(path)].items()),
                flush=True,
            )
    if options.json:
        options.json.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
