"""A document that is purged between being found and being read costs nobody an error: the search finds the rest."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ingest.run import ingest
from ragchat.corpus.contract import Snapshot
from ragchat.corpus.local.store import LocalStore
from ragchat.corpus.values import Found, Place, Wanted
from ragchat.models.embedder import Embedder
from ragchat.retrieval.search import Retriever, SearchOptions

TEXTS = {
    "valve.md": "# Valve\n\nThe valve of the pump opens at 42 bar.\n",
    "pump.md": "# Pump\n\nThe pump is oiled every nine weeks.\n",
}


class BetweenFindingAndReading:
    """A snapshot that passes everything on and lets something happen after its first `find`."""

    def __init__(self, snapshot: Snapshot, happening: Callable[[], object]) -> None:
        self._snapshot = snapshot
        self._happening: Callable[[], object] | None = happening

    def __getattr__(self, name: str) -> Any:
        return getattr(self._snapshot, name)

    def find(self, wanted: Wanted) -> Found:
        found = self._snapshot.find(wanted)
        if self._happening is not None:
            happening, self._happening = self._happening, None
            happening()
        return found

    def read(self, places: Sequence[Place]) -> list[str]:
        return self._snapshot.read(places)


def test_document_that_is_purged_between_finding_and_reading_is_left_out(
    tmp_path: Path, embedder: Embedder
) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    for name, text in TEXTS.items():
        (folder / name).write_text(text, encoding="utf-8")
    store = LocalStore(tmp_path / "index")
    ingest([folder], store, embedder)
    with store.open() as snapshot:
        valve = snapshot.document_by_key("valve.md")
        assert valve is not None
        purging = BetweenFindingAndReading(snapshot, lambda: store.purge([valve.id]))
        retriever = Retriever(purging, embedder)  # type: ignore[arg-type]
        found = retriever.retrieve("At how many bar does the valve of the pump open?", SearchOptions())
        assert [passage.document.key for passage in found.passages] == ["pump.md"]
