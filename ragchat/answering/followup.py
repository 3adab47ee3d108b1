"""Follow-up questions made to stand alone, so that they can be searched for.

Without a model, a question that points back is searched along with the most telling words of the last turns: rare in
the corpus, recent, said by the user rather than by us. They weigh less than its own words: with the same weight, or
as whole turns, they drown it (bench/followups). With a model it is one short call, whose failure falls back to them.
"""

import re
from collections import Counter
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ragchat.answering.overlap import Idf
from ragchat.answering.request import Turn
from ragchat.errors import UpstreamFailed
from ragchat.language.analysis import analyze

if TYPE_CHECKING:
    from langchain_core.language_models.chat_models import BaseChatModel

ALONG, ADDED = 6, 2
"""Words searched along with the question; those of them that are written into it for people and for quoting."""
TURNS, AGEING, OURS = 6, 0.4, 0.5
"""Messages looked at; weight kept by each older user turn; weight of our own answers beside the user's."""
SHORT: Final = 6
"""Words below which a question in a conversation is taken to lean on what was said."""
REWRITE_SECONDS: Final = 8.0
LONGEST_REWRITE: Final = 400
LONGEST_TURN: Final = 600

_POINTER: Final = re.compile(
    r"\b(?:it|its|they|them|their|theirs|this|that|these|those|he|him|his|she|her|hers|one|ones|there|such|same"
    r"|former|latter|others?|above|previous)\b",
    re.IGNORECASE,
)
_ELLIPSIS: Final = re.compile(
    r"(?:and|but|or|so|also|then|what about|how about|why|how so|really|any other|which one|what else|i mean)\b",
    re.I,
)
_WORD: Final = re.compile(r"\w[\w.'-]*")
_ASKING: Final = frozenset(
    {
        "many",
        "much",
        "long",
        "often",
        "far",
        "soon",
        "please",
        "tell",
        "explain",
        "know",
        "mean",
        "want",
        "need",
    }
)
"""Words of a question that say nothing of what it is about."""


def stands_alone(question: str, history: Sequence[Turn]) -> bool:
    """Whether the question can be searched for as it is."""
    if not any(turn.role == "user" for turn in history):
        return True
    question = question.strip()
    return not (_POINTER.search(question) or _ELLIPSIS.match(question) or len(question.split()) < SHORT)


def _equally(term: str) -> float:
    """The idf of a corpus that nothing is known of."""
    return 1.0


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A question as it is searched for: its own words, and telling ones of the conversation, best first."""

    question: str
    telling: tuple[str, ...] = ()

    @property
    def context(self) -> str:
        """What is searched along at less weight (SearchOptions.context)."""
        return " ".join(self.telling)

    @property
    def wording(self) -> str:
        """The question in words that can be understood alone; what sentences are compared with."""
        return " ".join([self.question, *self.telling[:ADDED]])


def follow_up(question: str, history: Sequence[Turn], idf: Idf = _equally, language: str = "en") -> FollowUp:
    """The question with the words that say what it points back to; without any when it stands alone."""
    if stands_alone(question, history):
        return FollowUp(question)
    return FollowUp(question, tuple(_telling(question, history, idf, language)))


def rewritten(question: str, history: Sequence[Turn], idf: Idf = _equally, language: str = "en") -> str:
    """The question as one line, with what it points back to added when it does not stand alone."""
    return follow_up(question, history, idf, language).wording


def _telling(question: str, history: Sequence[Turn], idf: Idf, language: str) -> list[str]:
    """Words of the last turns that say what they were about, most telling first."""
    asked = set(analyze(question, language))
    scores: Counter[str] = Counter()
    spelling: dict[str, str] = {}
    age = 0
    for turn in reversed(_relevant(history)[-TURNS:]):
        weight = AGEING**age * (1.0 if turn.role == "user" else OURS)
        age += turn.role == "user"
        said: Counter[str] = Counter()
        for word in _WORD.findall(turn.content):
            for term in analyze(word, language)[:1]:
                if term not in asked and len(term) > 2 and word.lower() not in _ASKING:
                    said[term] += 1
                    spelling.setdefault(term, word.rstrip(".'-"))
        for term, count in said.items():
            scores[term] += weight * min(count, 3) ** 0.5 * idf(term)
    return [spelling[term] for term, _ in scores.most_common(ALONG)]


def _relevant(history: Sequence[Turn]) -> list[Turn]:
    """The turns without refusals; their questions stay, because a follow-up may put them in other words."""
    return [turn for turn in history if not (turn.role == "assistant" and turn.refused)]


async def rewritten_by(
    model: "BaseChatModel", name: str, question: str, history: Sequence[Turn], deadline: float
) -> str | None:
    """The model's stand-alone wording; None when it fails, says nothing usable or takes too long."""
    from langchain_core.messages import HumanMessage, SystemMessage

    from ragchat.answering.prompt import render
    from ragchat.answering.upstream import streamed

    past = "\n".join(f"{turn.role}: {turn.content[:LONGEST_TURN]}" for turn in _relevant(history)[-TURNS:])
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
    return lines[0].strip() if len(lines) == 1 else None
