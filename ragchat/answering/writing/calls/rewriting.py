"""A follow-up in stand-alone words by the model: one short call; whatever goes wrong with it, the answer goes on
without."""

from collections.abc import Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, Final

from langchain_core.messages import HumanMessage, SystemMessage

from ragchat.answering.question.follow_up import TURNS, relevant
from ragchat.answering.request import Turn
from ragchat.answering.writing.calls.upstream import streamed
from ragchat.answering.writing.prompt import render
from ragchat.errors import UpstreamFailed
from ragchat.language.analysis import analyze

if TYPE_CHECKING:
    from langchain_core.language_models.chat_models import BaseChatModel

REWRITE_SECONDS: Final = 8.0
LONGEST_REWRITE: Final = 400
LONGEST_TURN: Final = 600


async def stand_alone(
    model: "BaseChatModel", name: str, question: str, history: Sequence[Turn], deadline: float, language: str
) -> str | None:
    """The model's stand-alone wording; None when it fails, says nothing usable, takes too long, or when nothing of
    it comes from the conversation. `language` is the collection's."""
    past = "\n".join(f"{turn.role}: {turn.content[:LONGEST_TURN]}" for turn in relevant(history)[-TURNS:])
    messages = [
        SystemMessage(render("rewrite")),
        HumanMessage(f"Conversation:\n{past}\n\nLast question: {question}"),
    ]
    said: list[str] = []
    try:
        wait = min(REWRITE_SECONDS, deadline)
        async with aclosing(streamed(model, messages, name=name, deadline=wait, attempts=1)) as deltas:
            async for delta in deltas:
                said.append(delta.text)
                if sum(map(len, said)) > LONGEST_REWRITE:
                    return None
    except UpstreamFailed:
        return None
    lines = "".join(said).strip().strip("\"'").splitlines()
    wording = lines[0].strip() if len(lines) == 1 else ""
    return wording if wording and _comes_from(wording, question, history, language) else None


def _comes_from(wording: str, question: str, history: Sequence[Turn], language: str) -> bool:
    """Whether it is the question with something of the conversation: what adds only words of its own was made up."""
    asked, words = set(analyze(question, language)), set(analyze(wording, language))
    said = {term for turn in relevant(history) for term in analyze(turn.content, language)}
    added = words - asked
    return bool(words & (asked | said)) and (not added or bool(added & said))
