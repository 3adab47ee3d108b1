"""Citations: the exact words of the stored document that a sentence rests on, as they were read from the store.

A citation is made from a span, never from text: the quote is what the open generation holds there. Whether it
supports the sentence is decided elsewhere (extractive: it is the sentence; else ragchat.answering.grounding). Where
a click leads is the business of the face that shows it.
"""

import hashlib
from dataclasses import dataclass

from ragchat.answering.events import AnswerSpan, Citation, CitedDocument, CitedSpan, Method, QuoteSpan
from ragchat.documents import Span, heading_path, page_at
from ragchat.retrieval.windows import Window


@dataclass(frozen=True, slots=True)
class Support:
    """What a check said of one sentence and one quote: verified or not, by which method, how strongly ([0, 1])."""

    verified: bool
    method: Method
    score: float


def cite(
    window: Window,
    n: int,
    span: Span,
    answer_span: AnswerSpan,
    support: Support,
    key: QuoteSpan | None = None,
) -> Citation:
    """The citation of a span that the window holds, under the number of its source.

    A span without words is not verified, whatever the check said of it.
    """
    document, structure = window.document, window.structure
    words = window.of(span)
    whole = len(words) == len(span) and bool(words.strip())
    return Citation(
        n=n,
        document=CitedDocument(
            document.id, document.title, document.uri, document.version, document.media_type
        ),
        span=CitedSpan(
            span.start,
            span.end,
            page_at(structure.pages, span.start),
            heading_path(structure.headings, span.start),
        ),
        quote=words,
        quote_sha256=hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest(),
        answer_span=answer_span,
        verified=support.verified and whole,
        method=support.method,
        score=support.score,
        url="",
        key_span=key if key is not None and (key.start, key.end) != (0, len(words)) else None,
    )
