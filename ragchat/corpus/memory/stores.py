"""The collections of one place in memory."""

from threading import Lock

from ragchat.corpus.memory.state import Collection
from ragchat.corpus.memory.store import MemoryStore


class MemoryStores:
    """Made by `open_stores("memory:")`; each is a place of its own and ends with it."""

    def __init__(self, *, keep: int = 2) -> None:
        self._keep = keep
        self._collections: dict[str, Collection] = {}
        self._lock = Lock()

    def names(self) -> list[str]:
        return sorted(name for name, collection in self._collections.items() if collection.touched)

    def store(self, collection: str) -> MemoryStore:
        with self._lock:
            return MemoryStore(self._collections.setdefault(collection, Collection(collection)), self._keep)
