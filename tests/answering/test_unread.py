"""A model is asked without a second reader where the search is sure by itself; quotes are always read."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from ragchat.answering.answer import Answerer
from ragchat.answering.deciding import UNREAD, sure_unread
from ragchat.answering.question.question import understood
from ragchat.models.cross_encoder import CrossEncoder
from ragchat.models.scripted import Reply, ScriptedChatModel
from ragchat.retrieval.search import Retriever, SearchOptions
from tests.answering.asking import BACKUPS, ask, end

OTHER = "Is there a harbour with a bilge in Rostock?"


@dataclass
class Watched:
    """The shipped reader, and what it was asked about."""

    reader: CrossEncoder
    asked: list[str] = field(default_factory=list)
    name: str = "watched"

    def scores(self, query: str, texts: Sequence[str]) -> Sequence[float]:
        self.asked.append(query)
        return self.reader.scores(query, texts)


@pytest.fixture
def watched(reader: CrossEncoder) -> Watched:
    return Watched(reader)


def over(retriever: Retriever, watched: Watched, model: ScriptedChatModel | None) -> Answerer:
    found = Retriever(retriever.snapshot, retriever.embedder, watched)
    return Answerer(retriever=found, model=model, model_name="scripted" if model else "extractive")


def model() -> ScriptedChatModel:
    return ScriptedChatModel(script=[Reply(chunks=["They are kept for 35 days."])])


async def test_a_sure_search_asks_the_model_at_once(retriever: Retriever, watched: Watched) -> None:
    events = await ask(over(retriever, watched, model()))
    assert end(events).finish == "answered"
    assert watched.asked == []
    sources = next(event for event in events if event.type == "sources").sources
    assert "kept for 35 days" in sources[0].text


async def test_an_unsure_one_is_read_first(retriever: Retriever, watched: Watched) -> None:
    await ask(over(retriever, watched, model()), OTHER)
    assert watched.asked != []


async def test_quotes_are_read(retriever: Retriever, watched: Watched) -> None:
    assert end(await ask(over(retriever, watched, None))).finish == "answered"
    assert watched.asked != []


@pytest.mark.parametrize(("question", "expected"), [(BACKUPS, True), (OTHER, False), ("", False)])
def test_how_sure_is_sure(retriever: Retriever, question: str, expected: bool) -> None:
    asked = understood(question, (), retriever.snapshot)
    unread = Retriever(retriever.snapshot, retriever.embedder).retrieve(question, SearchOptions())
    assert sure_unread(asked, unread) is expected
    assert 0.5 < UNREAD < 1
