"""The writer's ground: the lock, the connection, the staging area, and what the base generation holds.

Entering cleans what a killed writer left; leaving lets go of everything, whatever happened in between.
"""

import sqlite3
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from ragchat.corpus.contract import Observe
from ragchat.corpus.local.catalog.catalog import CATALOG_NAME, ReaderPool, open_for_writing
from ragchat.corpus.local.catalog.seals import check_generation, get_meta
from ragchat.corpus.local.catalog.known import Known
from ragchat.corpus.local.catalog.live import Ranges
from ragchat.corpus.local.catalog.reading import RowReader
from ragchat.corpus.local.catalog.records import GenerationRecord, generation_record
from ragchat.corpus.local.catalog.reports import record_run
from ragchat.corpus.local.cleaning.mending import mend
from ragchat.corpus.local.cleaning.prune import (
    clean_directories,
    forget_new_embeddings,
    forget_unreachable,
    prune_generations,
    shrink,
)
from ragchat.corpus.local.cleaning.purging import finish_due_purges
from ragchat.corpus.local.cleaning.recovering import recover_members
from ragchat.corpus.local.cleaning.reclaim import empty_log, is_full, keep_reserve, reclaim, release_reserve
from ragchat.corpus.local.files.failures import disk, sqlite
from ragchat.corpus.local.files.files import sync_directory
from ragchat.corpus.local.files.layout import GENERATIONS
from ragchat.corpus.local.files.lock import WriterLock
from ragchat.corpus.local.files.tuning import Tuning
from ragchat.corpus.local.writing.staging import Staging
from ragchat.errors import IndexDamaged, NotReady, StorageFailed

LOCK_NAME: Final = "writer.lock"


class WriterSession:
    """A context manager; its attributes are there from entering to leaving."""

    connection: sqlite3.Connection
    staging: Staging
    known: Known
    base: int | None
    live: Ranges

    def __init__(
        self, home: Path, *, tuning: Tuning, wait: bool, observe: Observe, mending: bool = False
    ) -> None:
        """`mending`: goes on from what is left where a published generation is gone with the log, or its documents
        are not what they were."""
        self.home = home
        self.tuning = tuning
        self.observe = observe
        self._wait = wait
        self._mending = mending
        self._lock: WriterLock | None = None

    def __enter__(self) -> Self:
        """Raises WriterBusy, StorageFailed, IndexDamaged."""
        self._lock = WriterLock.take(self.home / LOCK_NAME, wait=self._wait)
        try:
            try:
                self._open()
            except StorageFailed as error:
                # What a run left that filled the disk must not keep the next one from cleaning it up.
                if not is_full(error) or not release_reserve(self.home):
                    raise
                self._open()
        except BaseException:
            self._lock.release()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        keep_reserve(self.home)
        try:
            self.connection.close()
        finally:
            if self._lock is not None:
                self._lock.release()

    def _open(self) -> None:
        with disk(self.home):
            (self.home / GENERATIONS).mkdir(exist_ok=True)
            sync_directory(self.home)
        self.connection = open_for_writing(self.home / CATALOG_NAME)
        try:
            self._start()
        except BaseException:
            self.connection.close()
            raise

    def _start(self) -> None:
        self.observe("cleaning")
        mend(self.connection, self.home, accept_loss=self._mending)
        with sqlite(self.home / CATALOG_NAME):
            self.base = get_meta(self.connection, "current")
            self.live = self._members(self.base)
        self.clean()
        keep_reserve(self.home)
        if self.base is not None:
            finish_due_purges(self.connection, self.home, self.base, self.live)
        self.known = Known(self.connection, self.home / CATALOG_NAME)
        self.staging = Staging(self.connection, self.home / CATALOG_NAME, self.tuning.staging_documents)

    def _members(self, base: int | None) -> Ranges:
        """What lives in the base. Looked at before anything is cleaned: what damaged rows seem to have left behind may
        be what they lost."""
        live = Ranges.of_generation(self.connection, base or 0)
        if base is None:
            return live
        try:
            check_generation(self.connection, base, live)
        except IndexDamaged:
            if not self._mending:
                raise
            return recover_members(self.connection, self.home, base, self.tuning)
        return live

    def clean(self, *, without_cache: bool = False) -> None:
        """Drops what no generation has; with `without_cache`, or on a full disk, unused embeddings too."""
        try:
            clean_directories(self.connection, self.home)
            if without_cache:
                reclaim(self.connection, self.home)
            else:
                forget_unreachable(self.connection, self.home)
        except StorageFailed as error:
            if without_cache or not is_full(error):
                raise
            reclaim(self.connection, self.home)

    def leave(self, error: BaseException | None, *, dropping: bool, published: bool) -> None:
        """After a publish only commits; else leaves what was there before, and embeddings as a cache.

        Not even those when it is room that is missing. The first error is the one to show: what cannot be cleaned up
        now is the next writer's.
        """
        full = is_full(error)
        with suppress(StorageFailed):
            if full:
                self.staging.drop()
            else:
                self.staging.commit()
        if published or not (dropping or error is not None):
            return
        with suppress(StorageFailed):
            self.clean(without_cache=full)
            empty_log(self.connection, self.home)

    @property
    def generations(self) -> Path:
        return self.home / GENERATIONS

    def next_number(self) -> int:
        """The number of the generation that is published next; never one that was published before."""
        with sqlite(self.home / CATALOG_NAME):
            return get_meta(self.connection, "next_generation") or 1

    def base_record(self) -> GenerationRecord:
        """Raises NotReady when nothing was published yet."""
        if self.base is None:
            raise NotReady(
                f"Collection {self.home.name!r} has no generation yet.",
                hint="Run `ragchat ingest PATH` first.",
            )
        with sqlite(self.home / CATALOG_NAME):
            return generation_record(self.connection, self.base)

    @contextmanager
    def rows(self, live: Ranges, dimension: int) -> Iterator[RowReader]:
        """The catalog as a generation of `live` would see it (committed rows only)."""
        pool = ReaderPool(self.home / CATALOG_NAME)
        try:
            yield RowReader(pool, live, dimension)
        finally:
            pool.close()

    def record(self, report: Mapping[str, object], generation: int | None) -> None:
        """Keeps a run's report."""
        self.staging.commit()
        record_run(self.connection, self.home, report, generation)

    def prune(self, keep: int, *, besides: Collection[int] = ()) -> list[int]:
        """Drops old generations that nobody reads and those named `besides`, and what only they used."""
        self.observe("pruning")
        self.staging.commit()
        try:
            removed = prune_generations(self.connection, self.home, keep, besides)
        except StorageFailed as error:
            if not is_full(error) or not release_reserve(self.home):
                raise
            removed = prune_generations(self.connection, self.home, keep, besides)
        try:
            forget_new_embeddings(self.connection, self.home)
            forget_unreachable(self.connection, self.home)
            shrink(self.connection, self.home)
        except StorageFailed as error:
            if not is_full(error):
                raise
            reclaim(self.connection, self.home)
        return removed
