"""A tiny corpus of three documents, a searcher that ranks by shared words and an answerer that follows a script.

They stand where the product's retrieval and answering stand, behind the same Protocols.
"""

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from ragchat.answering.events import (
    AnswerSpan,
    Citation,
    CitedDocument,
    CitedSpan,
    Done,
    Error,
    Event,
    Refusal,
    Start,
    Token,
)
from ragchat.evaluation.questions import PastTurn
from ragchat.evaluation.scoring import FoundPassage, fold

TEXTS = {
    "warranty.md": "The warranty lasts two years. Batteries are excluded.",
    "export.jsonl#shipping": "Parcels leave the warehouse daily. Shipping is free above 50 euros.",
    "returns.md": "Returns are accepted within 30 days. The parcel must be unopened.",
}


def passage(key: str, start: int = 0, end: int | None = None, score: float = 1.0) -> FoundPassage:
    text = TEXTS[key][start:end]
    return FoundPassage(f"id of {key}", key, key.split(".")[0], start, start + len(text), text, score)


class WordSearcher:
    """Ranks whole documents by the number of words shared with the question and the last turn before it."""

    def search(self, question: str, history: Sequence[PastTurn], top_k: int) -> list[FoundPassage]:
        asked = set(fold(" ".join([question, *(turn.content for turn in history[-1:])])).split())
        scored = {key: len(asked & set(fold(text).split())) for key, text in TEXTS.items()}
        ranked = sorted((key for key in scored if scored[key]), key=lambda key: -scored[key])
        return [passage(key, score=scored[key]) for key in ranked[:top_k]]


def citation(key: str, quote: str, answer: str, said: str, *, verified: bool = True) -> Citation:
    """Of `quote` in the document `key`, on the sentence `said` of `answer`."""
    at, begin = TEXTS[key].index(quote), answer.index(said)
    return Citation(
        n=1,
        document=CitedDocument(f"id of {key}", key, key, "v1", "text/markdown"),
        span=CitedSpan(at, at + len(quote), None, ()),
        quote=quote,
        quote_sha256=sha256(quote.encode()).hexdigest(),
        answer_span=AnswerSpan(begin, begin + len(said)),
        verified=verified,
        method="extractive",
        score=1.0,
        url="",
    )


def answered(response: str, *citations: Citation) -> Done:
    return Done("answered", response, citations)


def refused(message: str = "The documents do not say.") -> Done:
    return Done("refused", message, refusal=Refusal("low_support", message))


@dataclass
class ScriptedRespondent:
    """Answers each question with its scripted end; `supports` are its support scores."""

    ends: Mapping[str, Done | Error]
    supports: Mapping[str, float] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    async def answer(self, question: str, history: Sequence[PastTurn]) -> AsyncGenerator[Event, None]:
        self.asked.append(question)
        end = self.ends[question]
        yield Start("m", "c", "scripted", 1)
        if isinstance(end, Done):
            yield Token(end.response)
        yield end

    def support(self, question: str, history: Sequence[PastTurn]) -> float | None:
        return self.supports.get(question)
