"""From what one question brought back to its measures: document names, spans, answers, citations, the verdict.

The figures of a set are made from these per-question measures alone (see `result.py`), so two runs can be paired.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, assert_never

from ragchat.answering.events import Citation, Finish
from ragchat.evaluation.metrics import Stretch, hit_at, ndcg_at, recall_at, reciprocal_rank_at, span_scores
from ragchat.evaluation.questions import Question
from ragchat.language.sentences import sentence_spans

Verdict: TypeAlias = Literal[
    "found",
    "partly_found",
    "missed",
    "right",
    "wrong",
    "false_refusal",
    "refused",
    "false_answer",
    "failed",
    "unscored",
]
"""The first three judge retrieval alone; right, wrong and false_refusal an answerable question; refused and
false_answer an unanswerable one; failed: the answer ended in an error; unscored: nothing to judge it by."""

RECALL_DEPTHS = (1, 3, 5, 10, 20)
LONGEST_QUOTABLE = 12
"""Words of a golden answer up to which an answer should repeat it; a longer one is a reference wording."""

_JSONL_KEY = re.compile(r"\.(?:jsonl|ndjson)#")
_MARKER = re.compile(r"\[\d[\d, ]*\]")
_NOT_WORD = re.compile(r"[\W_]+")
_CASELESS = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\u0e00-\u0e7f"


@dataclass(frozen=True, slots=True)
class FoundPassage:
    """A retrieved passage as the figures and the report need it: `text` is `[start, end)` of the document `key`."""

    document_id: str
    key: str
    title: str
    start: int
    end: int
    text: str
    score: float


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """How one answer ended.

    `cited` are the stretches it cites, by document key; `reason` says why it was refused or failed; `support` is the
    answerer's own confidence that the corpus holds the answer, None where it has none.
    """

    finish: Finish | Literal["failed"]
    response: str
    citations: tuple[Citation, ...] = ()
    cited: tuple[Stretch, ...] = ()
    reason: str = ""
    support: float | None = None

    @property
    def outcome(self) -> Literal["answered", "refused", "failed"]:
        match self.finish:
            case "answered" | "stopped" | "incomplete":
                return "answered"
            case "refused" | "blocked":
                return "refused"
            case "failed":
                return "failed"
            case unreachable:
                assert_never(unreachable)


def document_names(key: str) -> tuple[str, ...]:
    """The names by which a golden question may call a document: its key, and for a JSONL line the id behind `#`."""
    behind = _JSONL_KEY.search(key)
    return (key, key[behind.end() :]) if behind else (key,)


def name_in(question: Question, key: str) -> str:
    """What this question calls the document, its key where the question does not name it."""
    named = {evidence.document_id for evidence in question.evidence}
    return next((name for name in document_names(key) if name in named), key)


def distinct(names: Iterable[str]) -> list[str]:
    """Each name once, in order of first appearance."""
    return list(dict.fromkeys(names))


def retrieval_measures(
    question: Question, ranking: Sequence[str], passages: Sequence[FoundPassage]
) -> dict[str, float]:
    """`ranking` holds document keys, best first; `passages` are the first k. Empty for a question without evidence."""
    relevant = {evidence.document_id for evidence in question.evidence}
    if not (question.answerable and relevant):
        return {}
    names = distinct(name_in(question, key) for key in ranking)
    measures = {f"recall_at_{k}": recall_at(k, names, relevant) for k in RECALL_DEPTHS}
    measures["hit_at_5"] = hit_at(5, names, relevant)
    measures["mrr_at_10"] = reciprocal_rank_at(10, names, relevant)
    measures["ndcg_at_10"] = ndcg_at(10, names, relevant)
    return measures | _span_measures(question, passages)


def _span_measures(question: Question, passages: Sequence[FoundPassage]) -> dict[str, float]:
    """Empty unless every evidence has a span: precision against half of the evidence would mean nothing."""
    evidence = [
        Stretch(e.document_id, e.start, e.end) for e in question.evidence if e.start is not None and e.end
    ]
    if len(evidence) < len(question.evidence):
        return {}
    scores = span_scores([Stretch(name_in(question, p.key), p.start, p.end) for p in passages], evidence)
    return {"span_recall": scores.recall, "span_precision": scores.precision, "span_iou": scores.iou}


def answer_measures(question: Question, answer: GivenAnswer) -> dict[str, float]:
    """Of one answer: contained, words, refusal, support, and sentences with their citations."""
    outcome = answer.outcome
    measures: dict[str, float] = {}
    if outcome != "failed":
        measures["false_refusal" if question.answerable else "false_answer"] = float(
            outcome == ("refused" if question.answerable else "answered")
        )
    if question.answerable and question.answers:
        measures["contained"] = float(
            outcome == "answered" and contains_any(answer.response, question.answers)
        )
    if question.answerable and outcome == "answered":
        measures["words"] = len(answer.response.split())
    if answer.support is not None:
        measures["support"] = answer.support
    return measures | (_citation_measures(answer) if outcome == "answered" else {})


def _citation_measures(answer: GivenAnswer) -> dict[str, float]:
    """Counts of the answer's sentences: all, with a citation, with a verified one."""
    sentences = [span for span in sentence_spans(answer.response) if _has_words(span.of(answer.response))]
    counts = {"sentences": float(len(sentences)), "cited": 0.0, "verified": 0.0}
    for sentence in sentences:
        on_it = [
            citation
            for citation in answer.citations
            if citation.answer_span.start < sentence.end and sentence.start < citation.answer_span.end
        ]
        counts["cited"] += bool(on_it)
        counts["verified"] += any(citation.verified for citation in on_it)
    return counts


def _has_words(sentence: str) -> bool:
    """False for what holds citation markers and punctuation only, such as "[1]"."""
    return re.search(r"[^\W_]", _MARKER.sub("", sentence)) is not None


def contains_any(answer: str, golden: Iterable[str]) -> bool:
    """Whether one of the golden answers stands in the answer as whole words, case and punctuation folded."""
    haystack = fold(answer)
    return any(_stands_in(fold(wanted), haystack) for wanted in golden)


def fold(text: str) -> str:
    """Case folded, punctuation and white space as single blanks, compatibility forms unified (NFKC)."""
    return _NOT_WORD.sub(" ", unicodedata.normalize("NFKC", text).casefold()).strip()


def _stands_in(wanted: str, haystack: str) -> bool:
    """As whole words; scripts written without blanks have none to respect."""
    if not wanted:
        return False
    edge = rf"[^\W{_CASELESS}]"
    return re.search(rf"(?<!{edge}){re.escape(wanted)}(?!{edge})", haystack) is not None


def verdict(question: Question, measures: Mapping[str, float], answer: GivenAnswer | None) -> Verdict:
    """The one word that a person reads first."""
    if answer is None:
        return _retrieval_verdict(measures)
    outcome = answer.outcome
    if outcome == "failed":
        return "failed"
    if not question.answerable:
        return "refused" if outcome == "refused" else "false_answer"
    if outcome == "refused":
        return "false_refusal"
    if any(len(golden.split()) <= LONGEST_QUOTABLE for golden in question.answers):
        return "right" if measures["contained"] else "wrong"
    return "right" if measures.get("contained") else _cited_verdict(question, answer)


def _retrieval_verdict(measures: Mapping[str, float]) -> Verdict:
    recall = measures.get("recall_at_5")
    if recall is None:
        return "unscored"
    return "found" if recall == 1 else "partly_found" if recall else "missed"


def _cited_verdict(question: Question, answer: GivenAnswer) -> Verdict:
    """Where no golden answer can stand in an answer: right when the evidence is cited."""
    if not question.evidence:
        return "unscored"
    return "right" if any(_is_evidence(question, cited) for cited in answer.cited) else "wrong"


def _is_evidence(question: Question, cited: Stretch) -> bool:
    """Whether the stretch touches a span of the evidence, or lies in a document that is evidence as a whole."""
    return any(
        e.document_id in document_names(cited.document)
        and (e.start is None or e.end is None or (e.start < cited.end and cited.start < e.end))
        for e in question.evidence
    )
