"""What a purge took from under an open snapshot: told from damage, and left out from then on.

A purge drops every generation that held its documents, whoever has them open, and their rows with them; nothing else
drops a generation that a reader holds. So rows that are missing were purged where the snapshot's own generation is not
listed any more, and are damage where it is.
"""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, Protocol, TypeVar

import numpy as np

from ragchat.corpus.local.catalog.catalog import ReaderPool
from ragchat.corpus.local.catalog.live import Ids, Ranges
from ragchat.errors import IndexDamaged

P = ParamSpec("P")
T = TypeVar("T")


class Purged:
    """The versions that are gone, as far as a reading has missed them. Shared by a snapshot and its narrowed ones."""

    def __init__(self, pool: ReaderPool, number: int, live: Ranges) -> None:
        self.versions: Ids = np.zeros(0, dtype=np.int64)
        self._pool = pool
        self._number = number
        self._live = live

    def look(self, known: int = 0) -> bool:
        """Whether more is gone than the `known` versions that a reading left out: another thread may have looked since
        that reading began."""
        with self._pool.borrow() as connection:
            sql = "SELECT 1 FROM generations WHERE number = ?"
            if connection.execute(sql, (self._number,)).fetchone() is not None:
                return False
            stored = connection.execute("SELECT version_id FROM versions").fetchall()
        gone = np.setdiff1d(self._live.version_ids, np.asarray(stored, dtype=np.int64).reshape(-1))
        self.versions = gone
        return len(gone) > known

    def left_of(self, ranges: Ranges) -> Ranges:
        """Those of `ranges` that are still there."""
        return ranges.without(self.versions) if len(self.versions) else ranges


class _Open(Protocol):
    purged: Purged | None


S = TypeVar("S", bound=_Open)


def without_purged(method: Callable[Concatenate[S, P], T]) -> Callable[Concatenate[S, P], T]:
    """Once more where it missed something that was purged meanwhile; damage stays damage."""

    @wraps(method)
    def reading(self: S, /, *args: P.args, **kwargs: P.kwargs) -> T:
        while True:
            known = 0 if self.purged is None else len(self.purged.versions)
            try:
                return method(self, *args, **kwargs)
            except IndexDamaged:
                if self.purged is None or not self.purged.look(known):
                    raise

    return reading
