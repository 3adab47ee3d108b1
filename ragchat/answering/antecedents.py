"""What a quoted unit cannot be understood without: the sentence before "It …", a list's lead-in, a table's header.

Works on a window of the document's text before the unit, not on chunks, because chunk borders mean nothing to a reader.
"""

import re

from ragchat.answering.searching import Corpus
from ragchat.documents import Span
from ragchat.documents.sentences import sentence_spans

WINDOW = 2_000
"""Code points before a unit in which its header or lead-in is looked for."""
LONGEST = 320
"""An antecedent longer than this (code points) is left out: it would bury the answer."""

_DANGLING = re.compile(
    r"[\"'“‘(]*(?:it|its|this|that|these|those|they|their|them|he|she|his|her|such|both|the (?:former|latter|same))\b"
    r"(?!\s+(?:is|was)\s+(?:important|possible|necessary|likely|clear|known|estimated|believed|said)\b)",
    re.IGNORECASE,
)
_ITEM = re.compile(r"(?:[-*+•‣▪◦·–—]|\(?\d{1,3}[.)]|\(?[a-z]\))\s")
_RULED = re.compile(r"\n[|\s:+=-]+$")


def with_antecedent(corpus: Corpus, document_id: str, unit: Span) -> tuple[Span, ...]:
    """The unit, preceded where it needs it by the span that it hangs on; adjacent spans come as one."""
    text = corpus.text(document_id, max(0, unit.start - WINDOW), unit.end)
    offset = unit.end - len(text)
    before = sentence_spans(text, 0, unit.start - offset)
    found = _antecedent(text, before, unit.shifted(-offset).of(text))
    if found is None or len(found) > LONGEST:
        return (unit,)
    spot = found.shifted(offset)
    joined = text[found.end : unit.start - offset].strip() == ""
    return (Span(spot.start, unit.end),) if joined else (spot, unit)


def _antecedent(text: str, before: list[Span], unit: str) -> Span | None:
    if not before:
        return None
    if is_row(unit):
        return _header(text, before, unit)
    if is_item(unit):
        return _lead_in(text, before)
    previous = before[-1]
    words = previous.of(text)
    beside = "\n\n" not in text[previous.end : previous.end + 3] or text[previous.end :].startswith(" ")
    prose = not (is_row(words) or is_item(words) or words.startswith("#")) and len(words.split()) > 3
    return previous if _DANGLING.match(unit) and prose and beside else None


def is_row(unit: str) -> bool:
    """Whether the unit is a row of a table, as ragchat.documents.sentences sees it."""
    return unit.startswith("|") or (" | " in unit and "\n" not in unit.strip())


def is_item(unit: str) -> bool:
    """Whether the unit is an item of a list."""
    return _ITEM.match(unit) is not None


def _header(text: str, before: list[Span], unit: str) -> Span | None:
    """The first row of the table that `unit` ends: with its rule in Markdown, else the first of the run of rows."""
    first: Span | None = None
    following = len(text) - len(unit)
    for span in reversed(before):
        if not is_row(span.of(text)) or "\n\n" in text[span.end : following]:
            break
        first, following = span, span.start
        if _RULED.search(span.of(text)):
            break
    return first


def _lead_in(text: str, before: list[Span]) -> Span | None:
    """The sentence that ends with a colon above the list."""
    for span in reversed(before):
        words = span.of(text)
        if is_item(words):
            continue
        return span if words.endswith((":", "：")) else None
    return None
