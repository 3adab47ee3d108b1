"""What an answer costs a store: at most four calls, so that one across a network serves it as well."""

from collections.abc import Callable
from typing import Any

import pytest

from ragchat.answering.answer import Answerer
from ragchat.answering.request import Turn
from ragchat.models.scripted import Reply, ScriptedChatModel
from ragchat.retrieval.search import Retriever
from tests.answering.asking import ask, end

MOST = 4
FREE = frozenset(
    {"number", "collection", "embedder", "settings", "language", "chunk_count", "document_count", "narrowed"}
)
"""What a snapshot knows of itself; asking for it costs nothing."""


class CountingSnapshot:
    """A snapshot that writes down what is asked of it."""

    def __init__(self, snapshot: Any) -> None:
        self.snapshot = snapshot
        self.calls: list[str] = []

    def __getattr__(self, name: str) -> Any:
        value = getattr(self.snapshot, name)
        if name in FREE or not callable(value):
            return value

        def counted(*arguments: Any, **named: Any) -> Any:
            self.calls.append(name)
            return value(*arguments, **named)

        return counted


@pytest.fixture
def counting(retriever: Retriever) -> CountingSnapshot:
    return CountingSnapshot(retriever.snapshot)


def over(
    retriever: Retriever, counting: CountingSnapshot, model: ScriptedChatModel | None = None
) -> Answerer:
    found = Retriever(retriever.snapshot, retriever.embedder, retriever.reranker)
    found.snapshot = counting  # type: ignore[assignment]
    counting.calls.clear()
    return Answerer(retriever=found, model=model, model_name="scripted" if model else "extractive")


BEFORE = [Turn("user", "How long are backups kept?"), Turn("assistant", "They are kept for 35 days.")]


def scripted() -> ScriptedChatModel:
    return ScriptedChatModel(script=[Reply(chunks=["They are kept for 35 days [1]."])] * 2)


@pytest.mark.parametrize(
    ("question", "history", "model", "finish"),
    [
        ("How long are backups kept?", [], None, "answered"),
        ("How long are backups kept?", [], scripted, "answered"),
        ("and where are they stored?", BEFORE, None, None),
        ("and where are they stored?", BEFORE, scripted, "answered"),
        ("Compare the plans Skiff and Brig", [], None, None),
        ("Who won the world cup in 1974?", [], None, "refused"),
    ],
)
async def test_an_answer_makes_at_most_four_calls(
    retriever: Retriever,
    counting: CountingSnapshot,
    question: str,
    history: list[Turn],
    model: Callable[[], ScriptedChatModel] | None,
    finish: str | None,
) -> None:
    done = end(await ask(over(retriever, counting, model() if model else None), question, history=history))
    assert finish is None or done.finish == finish
    assert counting.calls.count("find") == 1
    assert len(counting.calls) <= MOST, counting.calls
