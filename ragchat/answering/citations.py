"""Citations: the exact words of the stored document that a sentence rests on, read again and checked.

A citation is made from a span, never from text: the quote is what the open generation holds there now. Whether it
supports the sentence is decided elsewhere (extractive: it is the sentence; else ragchat.answering.grounding).
"""

import hashlib
from dataclasses import dataclass
from urllib.parse import quote as percent_encoded

from ragchat.answering.events import AnswerSpan, Citation, CitedDocument, CitedSpan, Method, Source
from ragchat.answering.searching import Corpus
from ragchat.corpus.values import StoredDocument
from ragchat.documents import Span

FRAGMENT_WORDS = 4
"""Words at each end of a quote that a text fragment names; browsers find the rest between them."""


@dataclass(frozen=True, slots=True)
class Support:
    """What a check said of one sentence and one quote: verified or not, by which method, how strongly ([0, 1])."""

    verified: bool
    method: Method
    score: float


def cite(corpus: Corpus, source: Source, span: Span, answer_span: AnswerSpan, support: Support) -> Citation:
    """The citation of `span` of the source's document. Raises NotFound when the document is not in the corpus.

    A span whose words can no longer be read in full is not verified, whatever the check said of it.
    """
    document = corpus.document(source.document_id)
    page, headings = corpus.place(source.document_id, span.start)
    words = corpus.text(source.document_id, span.start, span.end)
    whole = len(words) == len(span) and bool(words.strip())
    return Citation(
        n=source.n,
        document=CitedDocument(
            document.id, document.title, document.uri, document.version, document.media_type
        ),
        span=CitedSpan(span.start, span.end, page, headings),
        quote=words,
        quote_sha256=hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest(),
        answer_span=answer_span,
        verified=support.verified and whole,
        method=support.method,
        score=support.score,
        url=deep_link(document, page, words),
    )


def deep_link(document: StoredDocument, page: int | None, words: str) -> str:
    """Where a click opens the quote: the page of a PDF, else a text fragment (WICG Scroll-to-Text) of the file."""
    file = f"/v1/documents/{percent_encoded(document.id, safe='')}/file"
    if page is not None:
        return f"{file}#page={page}"
    parts = words.split()
    if len(parts) <= 2 * FRAGMENT_WORDS:
        fragment = _fragment(parts)
    else:
        fragment = f"{_fragment(parts[:FRAGMENT_WORDS])},{_fragment(parts[-FRAGMENT_WORDS:])}"
    return f"{file}#:~:text={fragment}"


def _fragment(words: list[str]) -> str:
    # "-" and "," have a meaning of their own in text fragments; quote() leaves "-" as it is.
    joined = " ".join(words).encode("utf-8", "replace").decode()
    return percent_encoded(joined, safe="").replace("-", "%2D")
