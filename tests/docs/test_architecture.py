"""What docs/architecture.md says that can be counted: the calls that an answer makes to its snapshot."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ingest.run import ingest
from ragchat.answering.answer import Answerer
from ragchat.answering.events import Done
from ragchat.answering.request import AnswerOptions, Turn
from ragchat.corpus.contract import Snapshot
from ragchat.corpus.opening import open_stores
from ragchat.faces.collect import collect
from ragchat.models.cross_encoder import CrossEncoder
from ragchat.models.minilm import MiniLMEmbedder
from ragchat.models.scripted import ScriptedChatModel
from ragchat.retrieval.search import Retriever
from tests.answering.conftest import DOCUMENTS

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "architecture.md").read_text("utf-8")
OPTIONS = AnswerOptions("message", "conversation")
HISTORY = [
    Turn("user", "How long are backups of the order database kept?"),
    Turn("assistant", "They are kept for 35 days in the Rostock data centre."),
]
FREE = frozenset({"require_embedder", "close"})
"""Methods that ask nothing of the storage."""


class CountingSnapshot:
    """A snapshot that counts the calls to its methods, by name."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self.calls: Counter[str] = Counter()

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._snapshot, name)
        if not callable(found) or name in FREE:
            return found

        def counted(*arguments: object, **named: object) -> object:
            self.calls[name] += 1
            return found(*arguments, **named)

        return counted


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snapshot]:
    folder = tmp_path_factory.mktemp("harbour")
    for name, text in DOCUMENTS.items():
        (folder / name).write_text(text, "utf-8")
    store = open_stores("memory:").store("harbour")
    ingest([folder], store, MiniLMEmbedder(threads=1))
    with store.open() as snapshot:
        yield snapshot


@pytest.mark.parametrize(
    ("model", "question", "history", "calls"),
    [
        (None, "How long are backups of the order database kept?", [], {"find": 1, "idf": 1, "read": 1}),
        ("Kept for 35 days [1].", "How long are backups kept?", [], {"find": 1, "idf": 1, "read": 1}),
        (None, "And where are they?", HISTORY, {"find": 1, "idf": 2, "read": 1}),
        (None, "Who invented the telephone?", [], {"find": 1, "idf": 1, "read": 1}),
        (None, "Thank you!", [], {}),
    ],
    ids=["extractive", "model", "follow-up", "refused", "thanks"],
)
async def test_an_answer_costs_three_calls_and_a_follow_up_four(
    snapshot: Snapshot, model: str | None, question: str, history: list[Turn], calls: dict[str, int]
) -> None:
    counting = CountingSnapshot(snapshot)
    retriever = Retriever(counting, MiniLMEmbedder(threads=1), CrossEncoder(threads=1))  # type: ignore[arg-type]
    said = ScriptedChatModel(script=[model]) if model else None
    answer = await collect(Answerer(retriever, model=said).answer(question, history, OPTIONS))
    assert isinstance(answer.end, Done)
    assert dict(counting.calls) == calls
    assert sum(calls.values()) <= 4
    assert "An answer costs its snapshot three calls, a follow-up four" in PAGE
