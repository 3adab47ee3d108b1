"""One pass over golden questions: search, answer, measure. What is searched and who answers comes in by Protocol.

Per question the first k passages are what a user would see; the ranking behind them is filled up by deeper searches
until it holds 20 distinct documents, so that recall_at_20 means what it says.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from time import perf_counter
from typing import Protocol

from ragchat.answering.events import Citation, Cited, Done, Error, Event, Sources, Start, Step, Token
from ragchat.evaluation.metrics import Stretch
from ragchat.evaluation.questions import PastTurn, Question
from ragchat.evaluation.result import EvalResult, Judged, Row
from ragchat.evaluation.scoring import (
    RECALL_DEPTHS,
    FoundPassage,
    GivenAnswer,
    answer_measures,
    distinct,
    retrieval_measures,
    verdict,
)

DEPTH = max(RECALL_DEPTHS)
FIRST_DEPTH = 40
"""Passages asked for first when a ranking of DEPTH distinct documents is wanted; doubled while that is too few."""
DEEPEST = 320
MEASURE_DIGITS = 6

Progress = Callable[[int, int], None]


class Searcher(Protocol):
    """The product's retrieval, follow-up rewriting included: synchronous, best first, fewer than `top_k` at the end."""

    def search(self, question: str, history: Sequence[PastTurn], top_k: int) -> list[FoundPassage]: ...


class Respondent(Protocol):
    """The product's answering."""

    def answer(self, question: str, history: Sequence[PastTurn]) -> AsyncGenerator[Event, None]: ...

    def support(self, question: str, history: Sequence[PastTurn]) -> float | None:
        """How sure it is that the corpus holds the answer, the score that decides a refusal; None if it has none."""
        ...


def no_progress(done: int, total: int) -> None:
    """For callers that show none."""


def evaluate(
    questions: Sequence[Question],
    searcher: Searcher,
    respondent: Respondent | None = None,
    *,
    k: int = 5,
    progress: Progress = no_progress,
) -> EvalResult:
    """Measures every question in order, without a respondent retrieval only. Not for use in a running event loop.

    latency_ms is the wall time of the whole answer, of the search for k passages when nothing is answered. The first
    question is searched once beforehand, so that opening files and models is not counted as its latency.
    """
    return asyncio.run(_evaluate(questions, searcher, respondent, k, progress))


async def _evaluate(
    questions: Sequence[Question],
    searcher: Searcher,
    respondent: Respondent | None,
    k: int,
    progress: Progress,
) -> EvalResult:
    judged: list[Judged] = []
    for question in questions[:1]:
        searcher.search(question.question, question.history, k)
    for question in questions:
        progress(len(judged), len(questions))
        judged.append(await _judge(question, searcher, respondent, k))
    progress(len(judged), len(questions))
    return EvalResult(tuple(judged), k, _warnings(judged))


async def _judge(question: Question, searcher: Searcher, respondent: Respondent | None, k: int) -> Judged:
    began = perf_counter()
    passages = searcher.search(question.question, question.history, k)
    elapsed = perf_counter() - began
    ranking = _ranking(question, searcher, passages)
    measures = retrieval_measures(question, distinct(p.key for p in ranking), passages)
    answer = None
    if respondent is not None:
        began = perf_counter()
        answer = await _answer(question, respondent, {p.document_id: p.key for p in ranking})
        elapsed = perf_counter() - began
        measures |= answer_measures(question, answer)
    measures["latency_ms"] = elapsed * 1000
    rounded = {name: round(value, MEASURE_DIGITS) for name, value in measures.items()}
    row = Row(question.id, question.answerable, verdict(question, measures, answer), rounded)
    return Judged(question, tuple(passages), answer, row)


def _ranking(question: Question, searcher: Searcher, shown: Sequence[FoundPassage]) -> list[FoundPassage]:
    """The passages shown, then those of deeper searches, until DEPTH documents are named or there are no more."""
    if not (question.answerable and question.evidence):
        return list(shown)
    top_k = FIRST_DEPTH
    while True:
        ranking = [*shown, *searcher.search(question.question, question.history, top_k)]
        if (
            len({p.document_id for p in ranking}) >= DEPTH
            or len(ranking) < len(shown) + top_k
            or top_k >= DEEPEST
        ):
            return ranking
        top_k *= 2


async def _answer(question: Question, respondent: Respondent, keys: Mapping[str, str]) -> GivenAnswer:
    """`keys` are document keys by id, for naming what was cited."""
    support = respondent.support(question.question, question.history)
    ended: Done | Error | None = None
    said: list[str] = []
    async with aclosing(respondent.answer(question.question, question.history)) as events:
        async for event in events:
            match event:
                case Token(token):
                    said.append(token)
                case Done() | Error():
                    ended = event
                case Start() | Step() | Sources() | Cited():
                    pass
    match ended:
        case Done():
            reason = ended.refusal.reason if ended.refusal else ""
            cited = _cited(ended.citations, keys)
            return GivenAnswer(ended.finish, ended.response, ended.citations, cited, reason, support)
        case Error():
            return GivenAnswer(
                "failed", "".join(said), reason=f"{ended.code}: {ended.message}", support=support
            )
        case None:
            return GivenAnswer("failed", "".join(said), reason="the answer had no end", support=support)


def _cited(citations: Sequence[Citation], keys: Mapping[str, str]) -> tuple[Stretch, ...]:
    return tuple(
        Stretch(keys.get(c.document.id, c.document.uri), c.span.start, c.span.end) for c in citations
    )


def _warnings(judged: Sequence[Judged]) -> tuple[str, ...]:
    """What a reader of the figures should know first."""
    failed = [one.answer.reason for one in judged if one.answer and one.answer.outcome == "failed"]
    drafts = sum(one.question.draft for one in judged)
    warnings = []
    if failed:
        warnings.append(f"{len(failed)} of {len(judged)} answers failed; the first: {failed[0]}")
    if drafts:
        warnings.append(f"{drafts} of {len(judged)} questions are unchecked drafts")
    return tuple(warnings)
