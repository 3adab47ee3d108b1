"""Proof that a collection is whole and that what was deleted is gone: every file, every row, every span.

Reads everything and changes nothing; every finding is named instead of stopping at the first. Deleted documents whose
bytes are still stored are no problem but are listed with the reason.
"""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ragchat.errors import IndexDamaged, RagchatError
from ragchat.corpus.local.catalog.catalog import CATALOG_NAME, ReaderPool
from ragchat.corpus.local.files.failures import Damage, damaged_row
from ragchat.corpus.local.searching.snapshot import LocalSnapshot
from ragchat.corpus.local.searching.integrity import check_digest, check_size, read_manifest, strangers
from ragchat.corpus.local.checking.leftovers import StillOnDisk, dead_in_files, leftovers, still_on_disk
from ragchat.corpus.local.files.manifest import MANIFEST_NAME
from ragchat.corpus.local.writing.publish import generation_directory
from ragchat.corpus.local.catalog.records import GenerationRecord, generation_records
from ragchat.corpus.local.checking.rowcheck import check_rows
from ragchat.corpus.local.catalog.rows import chunk_vectors

if TYPE_CHECKING:
    from ragchat.corpus.local.store import LocalStore

_BATCH = 2_048


@dataclass(frozen=True, slots=True)
class Problem:
    """Something is not what it should be. `code` is stable: "file", "rows", "vectors", "words", "stranger", …"""

    code: str
    thing: str
    detail: str


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """`problems` is empty when all is well; `on_disk` tells what of deleted documents is still stored, and why."""

    collection: str
    generations: tuple[int, ...]
    documents: int
    chunks: int
    files: int
    bytes: int
    problems: tuple[Problem, ...]
    on_disk: tuple[StillOnDisk, ...]

    @property
    def summary(self) -> str:
        """One sentence for a person."""
        checked = (
            f"{len(self.generations)} generation(s), {self.documents} documents, {self.chunks} chunks,"
            f" {self.files} files"
        )
        if self.problems:
            return f"{len(self.problems)} problem(s) in {checked}."
        return f"Checked {checked}: all is well."

    def as_json(self) -> dict[str, object]:
        return {"ok": not self.problems, **asdict(self)}


def verify(home: "LocalStore", *, progress: Callable[[str], None] | None = None) -> VerifyReport:
    """Reads the whole collection. Raises NotReady when there is none; every damage is a problem in the report."""
    told = progress or (lambda step: None)
    problems: list[Problem] = []
    pool = ReaderPool(home.directory / CATALOG_NAME)
    records: list[GenerationRecord] = []
    on_disk: list[StillOnDisk] = []
    files = size = 0
    try:
        with _noting(problems, "rows", CATALOG_NAME), pool.borrow() as connection:
            records = generation_records(connection)
            told("rows")
            problems += [Problem("rows", finding.thing, finding.detail) for finding in check_rows(connection)]
        for record in records:
            told(f"generation {record.number}")
            found, dead, count, size_of_files = _check_generation(home, record, pool)
            problems += found
            on_disk += dead
            files, size = files + count, size + size_of_files
        with _noting(problems, "rows", CATALOG_NAME), pool.borrow() as connection:
            on_disk += still_on_disk(connection, home.current())
            on_disk += leftovers(connection, home.directory)
    finally:
        pool.close()
    newest = max(records, key=lambda record: record.number == home.current(), default=None)
    return VerifyReport(
        collection=home.collection,
        generations=tuple(record.number for record in records),
        documents=newest.documents if newest else 0,
        chunks=newest.chunks if newest else 0,
        files=files,
        bytes=size,
        problems=tuple(problems),
        on_disk=tuple(on_disk),
    )


class _noting:  # noqa: N801 - reads as a statement
    """Turns an error of ours inside the block into a problem."""

    def __init__(self, problems: list[Problem], code: str, thing: str) -> None:
        self._problems, self._code, self._thing = problems, code, thing

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> bool:
        if isinstance(error, IndexDamaged):
            told = error.detail if isinstance(error, Damage) else error.message
            thing = error.thing if isinstance(error, Damage) else self._thing
            self._problems.append(Problem(self._code, thing, told))
            return True
        return False


def _check_generation(
    home: "LocalStore", record: GenerationRecord, pool: ReaderPool
) -> tuple[list[Problem], list[StillOnDisk], int, int]:
    """(problems, what is dead in its files, files, bytes)."""
    problems: list[Problem] = []
    dead: list[StillOnDisk] = []
    directory = generation_directory(home.directory, record.number)
    thing = f"generation {record.number}"
    try:
        manifest = read_manifest(directory, record)
    except RagchatError as error:
        told = error.detail if isinstance(error, Damage) else error.message
        return _spare(home, record, [Problem("manifest", f"{thing}, {MANIFEST_NAME}", told)]), [], 0, 0
    for name, entry in manifest.files.items():
        with _noting(problems, "file", f"{directory.name}/{name}"):
            check_size(directory, name, entry)
            check_digest(directory, name, entry)
    problems += [
        Problem("stranger", f"{directory.name}/{name}", "no manifest names this file")
        for name in strangers(directory, manifest)
    ]
    if not problems:  # libraries are not shown files that are known to be damaged
        with _noting(problems, "generation", thing), home.open(record.number) as generation:
            problems += [Problem("words", thing, detail) for detail in _check_words(generation)]
            problems += [Problem("vectors", thing, detail) for detail in _check_vectors(generation, pool)]
            if record.number == home.current():
                dead += dead_in_files(generation)
    size = sum(entry.size for entry in manifest.files.values())
    return _spare(home, record, problems), dead, len(manifest.files) + 1, size


def _spare(home: "LocalStore", record: GenerationRecord, problems: list[Problem]) -> list[Problem]:
    """Says of the damage of an older generation how to get rid of it: building the current one anew leaves it."""
    if record.number == home.current():
        return problems
    way_out = "not the current generation: `ragchat index prune --keep 1` drops it"
    return [replace(problem, detail=f"{problem.detail} ({way_out})") for problem in problems]


def _check_words(generation: LocalSnapshot) -> Iterator[str]:
    """Entries of the lexical index = chunks of the catalog."""
    indexed = generation.words.all_chunk_ids()
    expected = generation.live.chunk_ids
    missing, unknown = np.setdiff1d(expected, indexed), np.setdiff1d(indexed, expected)
    if len(missing):
        yield f"{len(missing)} chunks have no words in the index (first: chunk {missing[0]})"
    if len(unknown):
        yield f"{len(unknown)} chunks are in the index that the catalog does not have (first: {unknown[0]})"


def _check_vectors(generation: LocalSnapshot, pool: ReaderPool) -> Iterator[str]:
    """Vectors of the files = vectors of the catalog, bit by bit."""
    ids, dimension = generation.live.chunk_ids, generation.embedder.dimension
    for begin in range(0, len(ids), _BATCH):
        part = ids[begin : begin + _BATCH]
        with pool.borrow() as connection:
            rows = connection.execute(
                "SELECT c.chunk_id, e.chunk FROM chunks c JOIN embeddings e USING (embedding_id)"
                " WHERE c.chunk_id BETWEEN ? AND ? ORDER BY c.chunk_id",
                (int(part[0]), int(part[-1])),
            ).fetchall()
        stored: dict[int, bytes] = dict(rows)
        if any(int(chunk_id) not in stored for chunk_id in part):
            raise damaged_row(CATALOG_NAME, "the row of a chunk is missing")
        wanted = chunk_vectors([stored[int(chunk_id)] for chunk_id in part], dimension)
        different = part[(generation.vectors.read(part) != wanted).any(axis=1)]
        if len(different):
            yield f"{len(different)} vectors differ from the catalog's (first: chunk {different[0]})"
