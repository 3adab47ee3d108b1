"""What is killed: one run that brings an index in line with a folder, telling its phases on stdout.

Phases come from the writer's progress callback, "published" from its return value; nothing in the product knows that
it is being watched.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from ragchat.corpus.contract import Store
from ragchat.corpus.opening import open_stores
from ragchat.corpus.values import FileStat
from ragchat.models.embedder import passage_of
from tests.support.vectors import HashEmbedder, chunks_by_line, make_document

OPTIONS = "kills"


def say(phase: str) -> None:
    print(phase, flush=True)


def sync(home: Store, folder: Path, dimension: int) -> None:
    """The smallest ingest there can be: everything that changed is staged, what is gone is removed."""
    embedder = HashEmbedder(dimension)
    with home.run(observe=say) as writer:
        writer.begin(embedder.spec, OPTIONS)
        known = {document.key: document for document in writer.known("folder")}
        for path in sorted(folder.glob("*.md")):
            document = make_document(path.name, path.read_text(), root="folder")
            before = known.pop(path.name, None)
            if before is not None and before.content_hash == document.content_hash:
                continue
            chunks = chunks_by_line(document)
            passages = [passage_of(document, chunk) for chunk in chunks]
            computed = [
                vectors if vectors is not None else next(embedder.embed_passages([passage]))
                for passage, vectors in zip(passages, writer.lookup(passages), strict=True)
            ]
            stat = path.stat()
            writer.stage("folder", document, chunks, computed, FileStat(stat.st_size, stat.st_mtime_ns))
        for gone in known.values():
            writer.remove(gone.document_id)
        info = writer.publish()
    say(f"acknowledged {info.number if info else home.current()}")


def main(arguments: Sequence[str]) -> None:
    index_dir, folder, dimension = arguments
    sync(open_stores(index_dir).store("default"), Path(folder), int(dimension))


if __name__ == "__main__":
    main(sys.argv[1:])
