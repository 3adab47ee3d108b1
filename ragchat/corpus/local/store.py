"""A collection's directory: its generations, which one is current, and the ways to read and to change it.

indexes/<collection>/catalog.sqlite            rows: the truth
indexes/<collection>/generations/000012/       derived files of one generation, immutable
indexes/<collection>/writer.lock               one writer at a time
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from ragchat.corpus.contract import Observe, Phase
from ragchat.corpus.local.catalog.catalog import CATALOG_NAME, ReaderPool, transaction
from ragchat.corpus.local.catalog.seals import check_generation, get_meta, marker_of, move_pointer
from ragchat.corpus.local.catalog.live import Ranges
from ragchat.corpus.local.catalog.records import generation_infos, generation_record
from ragchat.corpus.local.catalog.reports import run_reports
from ragchat.corpus.local.checking.verify import verify
from ragchat.corpus.local.cleaning.marks import due_purges
from ragchat.corpus.local.files.failures import Damage, damaged, disk
from ragchat.corpus.local.files.files import Flock
from ragchat.corpus.local.files.layout import generation_directory
from ragchat.corpus.local.files.marker import write_marker
from ragchat.corpus.local.files.tuning import Tuning
from ragchat.corpus.local.rewriting.purge import purge
from ragchat.corpus.local.rewriting.rebuild import rebuild
from ragchat.corpus.local.searching.integrity import read_manifest
from ragchat.corpus.local.searching.snapshot import LocalSnapshot
from ragchat.corpus.local.writing.run import LocalRun
from ragchat.corpus.local.writing.session import WriterSession
from ragchat.corpus.refusals import no_index, nothing_before
from ragchat.corpus.values import GenerationInfo
from ragchat.corpus.verification import Progress, VerifyReport
from ragchat.errors import NotReady
from ragchat.models.embedder import EmbedderSpec

_OPEN_ATTEMPTS: Final = 5


class LocalStore:
    """Cheap to make: nothing is opened or created before it is needed. Thread-safe but for writers."""

    def __init__(self, directory: Path, *, tuning: Tuning | None = None) -> None:
        self.directory = Path(directory)
        self.collection = self.directory.name
        self.tuning = tuning or Tuning()
        self._pool = ReaderPool(self.directory / CATALOG_NAME)

    def exists(self) -> bool:
        """Whether anything was ever ingested here."""
        return (self.directory / CATALOG_NAME).is_file()

    def close(self) -> None:
        """Closes idle connections; generations stay open."""
        self._pool.close()

    # Reading

    def current(self) -> int | None:
        """Number of the current generation; one row read. None before the first publish."""
        if not self.exists():
            return None
        try:
            with self._pool.borrow() as connection:
                return get_meta(connection, "current")
        except NotReady:  # a first writer has made the file but not yet its tables
            return None

    def open(self, number: int | None = None, *, embedder: EmbedderSpec | None = None) -> LocalSnapshot:
        """Opens and pins a generation, the current one by default.

        Raises NotReady (nothing published), NotFound (no such generation), IndexDamaged, WrongEmbedder.
        """
        for _ in range(_OPEN_ATTEMPTS):
            wanted = self.current() if number is None else number
            if wanted is None:
                raise no_index(self.collection)
            generation = self._open(wanted)
            if generation is not None:
                try:
                    if embedder is not None:
                        generation.require_embedder(embedder)
                except BaseException:
                    generation.close()
                    raise
                return generation
        raise damaged(self.collection, "its generation directories keep disappearing")

    def generations(self) -> list[GenerationInfo]:
        """The generations on disk, oldest first."""
        with self._pool.borrow() as connection:
            return generation_infos(connection)

    def roots(self) -> list[str]:
        """Paths whose documents are in the current generation, sorted."""
        with self._pool.borrow() as connection:
            live = Ranges.of_generation(connection, get_meta(connection, "current") or 0)
            rows = connection.execute("SELECT root, version_id FROM versions").fetchall()
        return sorted({root for root, version_id in rows if live.row_of(version_id) is not None})

    def reports(self, limit: int = 20) -> list[Mapping[str, object]]:
        """Reports of the last runs, newest first, with `created` and `generation`."""
        with self._pool.borrow() as connection:
            return run_reports(connection, limit)

    # Changing

    def run(self, *, wait: bool = False, observe: Observe | None = None) -> LocalRun:
        """A run that may change the collection; WriterBusy when its block is entered and another one is under way.

        `observe` is told each phase before it begins ("cleaning" … "pruning").
        """
        with disk(self.directory):
            self.directory.mkdir(parents=True, exist_ok=True)
        session = WriterSession(self.directory, tuning=self.tuning, wait=wait, observe=observe or _unobserved)
        return LocalRun(session, self.open)

    def remove(self, document_ids: Sequence[str]) -> GenerationInfo:
        """Publishes a generation without these documents. Raises NotFound, WriterBusy, NotReady, StorageFailed."""
        with self.run() as writer:
            writer.begin_as_base()
            for document_id in document_ids:
                writer.remove(document_id)
            return writer.publish() or self._current_info()

    def purge(self, document_ids: Sequence[str]) -> GenerationInfo:
        """`remove`, and takes their bytes off the disk at once; gives up rolling back past it."""
        with self.run() as writer:
            return purge(writer, document_ids)

    def due_purges(self) -> list[str]:
        """Ids of documents whose purge was interrupted or hindered, sorted."""
        with self._pool.borrow() as connection:
            return due_purges(connection)

    def rebuild(self, *, lost: Callable[[str], None] | None = None) -> GenerationInfo:
        """New files for the current generation from the catalog's rows, without embedding."""
        with self._session(mending=True) as session:
            return rebuild(session, lost or _unmourned)

    def rollback(self, to: int | None = None) -> GenerationInfo:
        """Makes an older generation current again, after checking it. Raises NotFound, IndexDamaged, WriterBusy."""
        with self._session() as session:
            number = self._before(session) if to is None else to
            self._require_sound(number)
            with transaction(session.connection, self.directory / CATALOG_NAME, durable=True):
                move_pointer(session.connection, number)
            write_marker(self.directory, marker_of(session.connection))
        return self._current_info()

    def prune(self, keep: int = 2) -> list[int]:
        """Drops all but the newest `keep` generations and the current one: numbers dropped.

        Generations that a reader has open stay until the next time. WriterBusy within a run, which prunes itself.
        """
        with self._session() as session:
            return session.prune(keep)

    def verify(self, progress: Progress | None = None) -> VerifyReport:
        """Reads everything and changes nothing. Raises NotReady when nothing was ever ingested."""
        return verify(self.directory, self.open, progress)

    def _require_sound(self, number: int) -> None:
        """Opens a generation to see whether it can serve."""
        try:
            self.open(number).close()
        except Damage as error:
            raise Damage(
                error.thing,
                f"{error.detail}; generation {number} cannot be rolled back to",
                hint="Run `ragchat index rebuild`: it makes the current generation's files anew and embeds nothing.",
            ) from error

    def _session(self, *, mending: bool = False) -> WriterSession:
        if not self.exists():
            raise no_index(self.collection)
        return WriterSession(
            self.directory, tuning=self.tuning, wait=False, observe=_unobserved, mending=mending
        )

    def _current_info(self) -> GenerationInfo:
        return next(info for info in self.generations() if info.current)

    def _before(self, session: WriterSession) -> int:
        record = session.base_record()
        older = [info.number for info in self.generations() if info.number < record.number]
        if record.base in older:
            return record.base or older[-1]
        if not older:
            raise nothing_before(record.number)
        return older[-1]

    def _open(self, number: int) -> LocalSnapshot | None:
        """None when the generation was pruned between looking it up and pinning it."""
        directory = generation_directory(self.directory, number)
        with self._pool.borrow() as connection:
            record = generation_record(connection, number)
        pin = self._pin(directory, number)
        if pin is None:
            return None
        try:
            with self._pool.borrow() as connection:
                live = Ranges.of_generation(connection, number)
                check_generation(connection, number, live)
            manifest = read_manifest(directory, record)
            return LocalSnapshot(self.directory, directory, manifest, live, self.tuning, pin)
        except BaseException:
            pin.release()
            raise

    def _pin(self, directory: Path, number: int) -> Flock | None:
        try:
            pin = Flock.take(directory, exclusive=False)
        except FileNotFoundError as error:
            with self._pool.borrow() as connection:
                still_listed = any(info.number == number for info in generation_infos(connection))
            if still_listed:
                raise damaged(f"generations/{directory.name}", "the directory is missing") from error
            return None
        if pin is not None and not pin.still_names(directory):
            pin.release()
            return None
        return pin


def _unmourned(name: str) -> None:
    """Nobody wants to know."""


def _unobserved(phase: Phase) -> None:
    """Nobody wants to know."""
