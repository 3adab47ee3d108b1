"""Citations as OpenAI's annotations, and what else of an answer goes along as `ragchat`."""

from dataclasses import asdict
from typing import TypeAlias

from ragchat.answering.events import Citation, Done, Source, Start

Json: TypeAlias = dict[str, object]


def url_citation(citation: Citation, base: str) -> Json:
    """Where the sentence stands in the answer (code points, the end exclusive) and the page that shows its quote."""
    return {
        "start_index": citation.answer_span.start,
        "end_index": citation.answer_span.end,
        "title": citation.document.title or citation.document.uri,
        "url": absolute(citation.url, base),
    }


def absolute(url: str, base: str) -> str:
    """`url` for a reader who is not on our pages; `base` is the address of this server without a slash at its end."""
    return base + url if url.startswith("/") else url


def extra(start: Start, done: Done, sources: tuple[Source, ...]) -> Json:
    """What OpenAI has no place for, as everywhere else in our API."""
    return {
        "conversation_id": start.conversation_id,
        "message_id": start.message_id,
        "generation": start.generation,
        "finish": done.finish,
        "grounded": done.grounded,
        "refusal": asdict(done.refusal) if done.refusal else None,
        "citations": [asdict(citation) for citation in done.citations],
        "sources": [asdict(source) for source in sources],
    }
