"""A generation that could not be opened is tried again, less and less often; the old one serves on."""

import shutil
from pathlib import Path

from ingest.run import ingest
from ragchat.corpus.local.store import LocalStore
from ragchat.models.loading import load_embedder
from ragchat.retrieval.search import Retriever
from ragchat.runtime.serving import FIRST_RETRY_SECONDS, ServedCollection


def test_a_generation_that_was_away_for_a_while_is_served_when_it_is_back(tmp_path: Path) -> None:
    now = [100.0]
    embedder = load_embedder("local:minilm", threads=1)
    home = LocalStore(tmp_path / "index")
    docs = tmp_path / "docs"
    docs.mkdir()
    served = ServedCollection(
        home,
        lambda: embedder.spec,
        lambda snapshot: Retriever(snapshot, embedder),
        clock=lambda: now[0],
    )
    for number in (1, 2):
        (docs / "a.md").write_text(f"# Lamp\n\nThe lamp costs {number} euros.\n", encoding="utf-8")
        ingest([docs], home, embedder)
        if number == 1:
            assert served.refresh()
    newest = tmp_path / "index" / "generations" / "000002"
    shutil.move(newest, tmp_path / "away")

    assert not served.refresh()
    assert served.state().generation == 1
    assert served.state().problem is not None
    shutil.move(tmp_path / "away", newest)
    assert not served.refresh()  # not at once again
    now[0] += FIRST_RETRY_SECONDS
    assert served.refresh()
    assert (served.state().generation, served.state().problem) == (2, None)
    served.close()
