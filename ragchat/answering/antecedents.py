"""What a quoted unit cannot be understood without: the sentence before "It …", a list's lead-in, a table's header.

Works on a window of the document's text before the unit, not on chunks, because chunk borders mean nothing to a reader.
"""

import re

from ragchat.answering.searching import Corpus
from ragchat.answering.units import has_rule, is_item, is_question, is_row, is_step
from ragchat.documents import Span
from ragchat.language.sentences import sentence_spans

WINDOW = 2_000
"""Code points before a unit in which its header or lead-in is looked for."""
LONGEST = 320
"""An antecedent longer than this (code points) is left out: it would bury the answer."""

_DANGLING = re.compile(
    r"[\"'“‘(]*(?:it|its|this|that|these|those|they|their|them|he|she|his|her|such|both|the (?:former|latter|same))\b"
    r"(?!\s+(?:is|was)\s+(?:important|possible|necessary|likely|clear|known|estimated|believed|said)\b)",
    re.IGNORECASE,
)
MOST_STEPS, MOST_STEP_WORDS = 8, 160
"""A numbered list up to this size is quoted whole: a step cut out of its order misleads."""


def with_antecedent(corpus: Corpus, document_id: str, unit: Span) -> tuple[Span, ...]:
    """The unit, preceded where it needs it by the span that it hangs on; adjacent spans come as one."""
    unit = _whole_list(corpus, document_id, unit)
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


def _header(text: str, before: list[Span], unit: str) -> Span | None:
    """The first row of the table that `unit` ends: with its rule in Markdown, else the first of the run of rows."""
    first: Span | None = None
    following = len(text) - len(unit)
    for span in reversed(before):
        if not is_row(span.of(text)) or "\n\n" in text[span.end : following]:
            break
        first, following = span, span.start
        if has_rule(span.of(text)):
            break
    return first


def _lead_in(text: str, before: list[Span]) -> Span | None:
    """What stands above the list: a sentence that ends with a colon, its heading, or the last sentence before it."""
    below = len(text)
    for span in reversed(before):
        words = span.of(text)
        if is_item(words):
            below = span.start
            continue
        if words.endswith((":", "：")):
            return span
        if words.startswith("#"):
            return span
        near = text[span.end : below].count("\n") <= 2 and below < len(text)
        prose = not (is_row(words) or is_question(words))
        return span if near and prose and len(words.split()) > 3 else None
    return None


def _whole_list(corpus: Corpus, document_id: str, unit: Span) -> Span:
    """A step with the others of its numbered list, when that is short; any other unit as it is."""
    first = max(0, unit.start - WINDOW)
    text = corpus.text(document_id, first, unit.end + WINDOW)
    if not is_step(unit.shifted(-first).of(text)):
        return unit
    spans = [span.shifted(first) for span in sentence_spans(text)]
    place = next((place for place, span in enumerate(spans) if span.end > unit.start), len(spans))
    low, high = place, place + 1
    while low > 0 and is_step(spans[low - 1].shifted(-first).of(text)):
        low -= 1
    while high < len(spans) and is_step(spans[high].shifted(-first).of(text)):
        high += 1
    run = spans[low:high]
    if not 1 < len(run) <= MOST_STEPS:
        return unit
    whole = Span(min(run[0].start, unit.start), max(run[-1].end, unit.end))
    return whole if len(whole.shifted(-first).of(text).split()) <= MOST_STEP_WORDS else unit


def whole_table(
    corpus: Corpus, document_id: str, header: Span, most_rows: int, most_words: int
) -> Span | None:
    """The small table that `header` (a row with the rule below it) opens; None when it is large or has no body."""
    text = corpus.text(document_id, header.start, header.end + WINDOW)
    spans = sentence_spans(text)
    rows = 0
    while (
        rows + 1 < len(spans) and is_row(spans[rows + 1].of(text)) and not has_rule(spans[rows + 1].of(text))
    ):
        if "\n\n" in text[spans[rows].end : spans[rows + 1].start]:
            break
        rows += 1
    if not 0 < rows <= most_rows or len(text[: spans[rows].end].split()) > most_words:
        return None
    return Span(header.start, header.start + spans[rows].end)
