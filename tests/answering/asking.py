"""Asking an answerer in tests: all events of one answer, and its end."""

from collections.abc import Sequence
from contextlib import aclosing

from ragchat.answering.answer import Answerer, AnswerOptions, Turn
from ragchat.answering.events import Done, Event
from ragchat.models.scripted import Reply, ScriptedChatModel
from ragchat.retrieval.search import Retriever

OPTIONS = AnswerOptions("message", "conversation")
STRICT = AnswerOptions("message", "conversation", grounding="strict")
BACKUPS = "How long are backups of the order database kept?"


async def ask(
    answerer: Answerer,
    question: str = BACKUPS,
    history: Sequence[Turn] = (),
    options: AnswerOptions = OPTIONS,
) -> list[Event]:
    async with aclosing(answerer.answer(question, history, options)) as events:
        return [event async for event in events]


def end(events: Sequence[Event]) -> Done:
    assert isinstance(events[-1], Done), events[-1]
    assert sum(event.type in ("done", "error") for event in events) == 1
    return events[-1]


def saying(retriever: Retriever, *chunks: str, finish: str = "stop") -> Answerer:
    """An answerer whose model says these chunks."""
    model = ScriptedChatModel(script=[Reply(chunks=chunks, finish=finish)])
    return Answerer(retriever=retriever, model=model, model_name="scripted", deadline=5)


def source_number(events: Sequence[Event], words: str) -> int:
    """The number under which the source that holds `words` was listed."""
    for event in events:
        if event.type == "sources":
            for source in event.sources:
                if words in source.text:
                    return source.n
    raise AssertionError(f"no source holds {words!r}")
