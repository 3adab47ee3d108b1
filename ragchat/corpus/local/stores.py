"""The collections below one folder: a directory each, with a catalog in it."""

from pathlib import Path

from ragchat.corpus.local.catalog.catalog import CATALOG_NAME
from ragchat.corpus.local.files.tuning import Tuning
from ragchat.corpus.local.store import LocalStore


class LocalStores:
    """Made by `open_stores` for a folder, which need not exist before something is ingested."""

    def __init__(self, folder: Path, tuning: Tuning | None = None) -> None:
        self.folder = Path(folder)
        self._tuning = tuning

    def names(self) -> list[str]:
        """Of the collections that exist, sorted."""
        if not self.folder.is_dir():
            return []
        return sorted(path.parent.name for path in self.folder.glob(f"*/{CATALOG_NAME}"))

    def store(self, collection: str) -> LocalStore:
        """The collection of that name, whether or not it exists yet."""
        return LocalStore(self.folder / collection, tuning=self._tuning)
