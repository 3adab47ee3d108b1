"""Proof that a collection is whole and that what was deleted is gone: every file, every row, every span.

Reads everything and changes nothing; every finding is named instead of stopping at the first. Deleted documents whose
bytes are still stored are no problem but are listed with the reason.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np

from ragchat.corpus.local.catalog.catalog import CATALOG_NAME, ReaderPool
from ragchat.corpus.local.catalog.seals import meta_rows
from ragchat.corpus.local.catalog.records import GenerationRecord, generation_records
from ragchat.corpus.local.catalog.rows import chunk_vectors
from ragchat.corpus.local.checking.derived import check_derived
from ragchat.corpus.local.checking.leftovers import dead_in_files, leftovers, still_on_disk
from ragchat.corpus.local.checking.rowcheck import check_rows
from ragchat.corpus.local.checking.standing import check_record, check_standing
from ragchat.corpus.local.files.failures import Damage, damaged_row
from ragchat.corpus.local.files.layout import generation_directory
from ragchat.corpus.local.files.manifest import MANIFEST_NAME, Manifest
from ragchat.corpus.local.searching.integrity import check_digest, check_size, read_manifest, strangers
from ragchat.corpus.local.searching.snapshot import LocalSnapshot
from ragchat.corpus.verification import Problem, Progress, StillOnDisk, VerifyReport
from ragchat.errors import IndexDamaged, RagchatError

OpenGeneration: TypeAlias = Callable[[int], LocalSnapshot]

_BATCH: Final = 2_048


def verify(
    directory: Path, open_generation: OpenGeneration, progress: Progress | None = None
) -> VerifyReport:
    """Reads the whole collection. Raises NotReady when there is none; every damage is a problem in the report."""
    told = progress or _untold
    pool = ReaderPool(directory / CATALOG_NAME)
    try:
        check = _Check(directory, open_generation, pool)
        check.rows(told)
        for record in check.records:
            told(f"generation {record.number}")
            check.generation(record)
        check.leftovers()
    finally:
        pool.close()
    return check.report()


def _untold(step: str) -> None:
    """Nobody wants to know."""


class _Check:
    """What has been found so far."""

    def __init__(self, directory: Path, open_generation: OpenGeneration, pool: ReaderPool) -> None:
        self._directory = directory
        self._open_generation = open_generation
        self._pool = pool
        self._current: int | None = None
        self.records: list[GenerationRecord] = []
        self._problems: list[Problem] = []
        self._on_disk: list[StillOnDisk] = []
        self._files = self._bytes = 0

    def rows(self, told: Progress) -> None:
        """Every row of the catalog."""
        with _noting(self._problems, "rows", CATALOG_NAME), self._pool.borrow() as connection:
            told("rows")
            self._problems += check_standing(connection, self._directory)
            self._current = meta_rows(connection).get("current")
            self.records = generation_records(connection)
            findings = (*check_rows(connection), *check_derived(connection))
            self._problems += [Problem("rows", found.thing, found.detail) for found in findings]
            for record in self.records:
                self._problems += check_record(connection, record)

    def generation(self, record: GenerationRecord) -> None:
        """Every file of a generation, and whether it holds what the rows say."""
        directory = generation_directory(self._directory, record.number)
        try:
            manifest = read_manifest(directory, record)
        except RagchatError as error:
            told = error.detail if isinstance(error, Damage) else error.message
            thing = f"generation {record.number}, {MANIFEST_NAME}"
            self._note(record, [Problem("manifest", thing, told)])
            return
        problems = _damaged_files(directory, manifest)
        if not problems:  # libraries are not shown files that are known to be damaged
            problems = self._content(record)
        self._note(record, problems)
        self._files += len(manifest.files) + 1
        self._bytes += sum(entry.size for entry in manifest.files.values())

    def leftovers(self) -> None:
        """What is stored although no current document needs it."""
        with _noting(self._problems, "rows", CATALOG_NAME), self._pool.borrow() as connection:
            self._on_disk += still_on_disk(connection, self._current)
            self._on_disk += leftovers(connection, self._directory)

    def report(self) -> VerifyReport:
        newest = max(self.records, key=lambda record: record.number == self._current, default=None)
        return VerifyReport(
            collection=self._directory.name,
            generations=tuple(record.number for record in self.records),
            documents=newest.documents if newest else 0,
            chunks=newest.chunks if newest else 0,
            files=self._files,
            bytes=self._bytes,
            problems=tuple(self._problems),
            on_disk=tuple(self._on_disk),
        )

    def _content(self, record: GenerationRecord) -> list[Problem]:
        thing = f"generation {record.number}"
        problems: list[Problem] = []
        with _noting(problems, "generation", thing), self._open_generation(record.number) as generation:
            problems += [Problem("words", thing, detail) for detail in _check_words(generation)]
            problems += [
                Problem("vectors", thing, detail) for detail in _check_vectors(generation, self._pool)
            ]
            if record.number == self._current:
                self._on_disk += dead_in_files(generation)
        return problems

    def _note(self, record: GenerationRecord, problems: list[Problem]) -> None:
        """Says of the damage of an older generation how to get rid of it: building the current one anew leaves it."""
        if record.number != self._current:
            way_out = "not the current generation: `ragchat index prune --keep 1` drops it"
            problems = [replace(problem, detail=f"{problem.detail} ({way_out})") for problem in problems]
        self._problems += problems


def _damaged_files(directory: Path, manifest: Manifest) -> list[Problem]:
    problems: list[Problem] = []
    for name, entry in manifest.files.items():
        with _noting(problems, "file", f"{directory.name}/{name}"):
            check_size(directory, name, entry)
            check_digest(directory, name, entry)
    return problems + [
        Problem("stranger", f"{directory.name}/{name}", "no manifest names this file")
        for name in strangers(directory, manifest)
    ]


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
