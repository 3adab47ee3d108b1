"""LangChain's character splitters with exact spans: prose by white space, source code by its language's keywords.

The splitters return strings; kept separators and no stripping make every piece a substring, which is found again
where the last one ended. Overlap is added afterwards, in whole sentences: theirs cannot be located with certainty.
"""

from collections.abc import Iterator
from itertools import pairwise

from ingest.split.measure import estimated_tokens
from ragchat.documents import Span
from ragchat.errors import UsageError
from ragchat.language.sentences import sentence_spans


def recursive_spans(text: str, within: Span, limit: int, overlap: int, language: str | None) -> list[Span]:
    """Pieces of `text[within]` of at most `limit` estimated tokens. Raises UsageError for an unknown language."""
    from langchain_text_splitters import (  # heavy: only for this splitter
        Language,
        RecursiveCharacterTextSplitter,
    )

    if language is None:
        separators, is_regex = ["\n\n", "\n", r"(?<=[.!?])\s", " ", ""], True
    else:
        try:
            separators = RecursiveCharacterTextSplitter.get_separators_for_language(Language(language))
        except ValueError as error:
            known = ", ".join(item.value for item in Language)
            raise UsageError(f"Cannot split code in {language!r}.", hint=f"Known: {known}.") from error
        is_regex = True
    splitter = RecursiveCharacterTextSplitter(
        separators=separators,
        is_separator_regex=is_regex,
        keep_separator="start",
        chunk_size=limit,
        chunk_overlap=0,
        length_function=_length,
        strip_whitespace=False,
    )
    spans = _located(text, within, splitter.split_text(within.of(text)))
    return list(_overlapping(text, spans, overlap)) if overlap else spans


def _length(text: str) -> int:
    """At least 1: the splitter emits pieces of length 0 twice."""
    return max(1, estimated_tokens(text))


def _located(text: str, within: Span, pieces: list[str]) -> list[Span]:
    """Spans of the pieces, which tile `within`, without the white space at their ends; blank pieces vanish."""
    spans: list[Span] = []
    start = within.start
    for piece in pieces:
        start = text.index(piece, start, within.end)
        kept = piece.strip()
        if kept:
            lead = len(piece) - len(piece.lstrip())
            spans.append(Span(start + lead, start + lead + len(kept)))
        start += len(piece)
    return spans


def _overlapping(text: str, spans: list[Span], overlap: int) -> Iterator[Span]:
    """Each span with as many whole sentences of the one before as fit into `overlap` tokens."""
    yield from spans[:1]
    for before, span in pairwise(spans):
        start, left = span.start, overlap
        for sentence in reversed(sentence_spans(text, before.start, before.end)):
            left -= estimated_tokens(sentence.of(text))
            if left < 0:
                break
            start = sentence.start
        yield Span(start, span.end)
