"""Refusals: when there is no answer, why, and in which words.

The decision is one comparison, of the support of the best sentence with the threshold stored with the index (see
ragchat.answering.calibration, which fits it at ingest). A question about all of something is a kind of its own,
because passages can never show that they are all there is.
"""

import re
from collections.abc import Mapping, Sequence

from ragchat.answering.calibration import DEFAULT_THRESHOLD, THRESHOLD, calibrate
from ragchat.answering.events import Refusal, RefusalReason, Source

__all__ = ["calibrate", "is_aggregate", "refusal", "threshold_of"]

NEAREST = 3
NO_MATCH = 0.5
"""Below this share of the threshold nothing found has to do with the question at all."""

_COUNTED = (
    r"(?:documents?|files?|pages?|articles?|policies|records|entries|tickets|questions|topics|chapters)"
)
_AGGREGATE = re.compile(
    rf"\bhow many (?:different |of (?:the|these|your|our) )?{_COUNTED}"
    r"(?:\s*\??$| (?:are there|is there|exist|do (?:you|we|i)|have (?:you|we|i)|in (?:the|this|your|our)|about|mention"
    r"|discuss|contain|refer|cite|say|deal|name)\b)"
    r"|^(?:please )?(?:can you |could you )?(?:list|name|show|enumerate|give|find|count)(?: me| us| up)?"
    r" (?:all|every|each|the (?:number|list|total)|a (?:complete|full) list)\b"
    rf"|\b(?:in|across|of) all (?:the |your |our |of the )?{_COUNTED}\b|\bin total across\b",
    re.IGNORECASE,
)
_COUNTING = re.compile(r"\b(?:list|name|show|give me) (?:all|every|each)\b|\bwhat are all\b", re.I)

_MESSAGES: dict[RefusalReason, str] = {
    "no_match": "I could not find anything about this in the documents.",
    "low_support": "The documents do not seem to answer this. The passages that come nearest are listed below.",
    "ambiguous": "I am not sure what this question is about. Please ask it with the name of what you mean.",
    "blocked": "This message cannot be answered here.",
    "aggregate": "This asks for a count or a complete list. I answer from single passages and cannot be sure that "
    "they are all there is; the passages that come nearest are listed below.",
}


def threshold_of(settings: Mapping[str, float]) -> float:
    """The support that an answer needs, as stored with the generation."""
    return settings.get(THRESHOLD, DEFAULT_THRESHOLD)


def is_aggregate(question: str) -> bool:
    """Whether the question wants a count or a list over the whole collection."""
    return _AGGREGATE.search(question) is not None


def reason_for(question: str, support: float, threshold: float) -> RefusalReason:
    """Why a question whose support is below the threshold has no answer."""
    if _COUNTING.search(question):
        return "aggregate"
    return "no_match" if support < NO_MATCH * threshold else "low_support"


def refusal(reason: RefusalReason, sources: Sequence[Source] = ()) -> Refusal:
    """The refusal with its message; `sources` best first, the nearest of them are shown."""
    return Refusal(reason, _MESSAGES[reason], tuple(sources[:NEAREST]))
