"""Refusals: when there is no answer, why, and in which words.

Whether there is one is decided in ragchat.answering.deciding.
"""

from collections.abc import Sequence

from ragchat.answering.events import Citation, Refusal, RefusalReason, Source

NEAREST = 3

_MESSAGES: dict[RefusalReason, str] = {
    "no_match": "I could not find anything about this in the documents.",
    "low_support": "The documents do not seem to answer this. The passages that come nearest are listed below.",
    "nearest": "The documents do not clearly answer this. The nearest passages:",
    "ambiguous": "I am not sure what this question is about. Please ask it with the name of what you mean.",
    "blocked": "This message cannot be answered here.",
    "aggregate": "This asks for a count or a complete list. I answer from single passages and cannot be sure that "
    "they are all there is; the passages that come nearest are listed below.",
}

_NEXT: dict[RefusalReason, str] = {
    "no_match": "Try other words, or ask what the documents are about.",
    "low_support": "Try other words, or open the passages that come nearest.",
    "nearest": "Open a passage to read on, or ask about one thing at a time.",
    "ambiguous": "Name the thing that the question is about.",
    "aggregate": "Ask about one of them, or open the passages that come nearest.",
}


def refusal(
    reason: RefusalReason,
    sources: Sequence[Source] = (),
    missing: Sequence[str] = (),
    quotes: Sequence[Citation] = (),
) -> Refusal:
    """The refusal with its message; `sources` best first, the nearest of them are shown."""
    named = f"Nothing about {_listed(missing)}. " if missing else ""
    return Refusal(
        reason,
        named + _MESSAGES[reason],
        nearest=tuple(sources[:NEAREST]),
        missing=tuple(missing),
        quotes=tuple(quotes),
        next=_NEXT.get(reason, ""),
    )


def _listed(missing: Sequence[str]) -> str:
    return ", ".join(f"“{one}”" for one in missing)
