"""Quotes as events: what is said of a chosen candidate, each piece followed by its citation; and the nearest, uncertain
ones, which are shown in a refusal and never look like an answer."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from ragchat.answering.citations import Support, cite
from ragchat.answering.events import AnswerSpan, Citation, Event
from ragchat.answering.quoting.candidates import Candidate
from ragchat.answering.quoting.quotes import Quote, quotes_of
from ragchat.answering.refusing.refusal import refusal
from ragchat.answering.reply import Reply
from ragchat.answering.sources import Found

if TYPE_CHECKING:
    from ragchat.answering.deciding import Decision


def said_quotes(decision: "Decision", found: Found, reply: Reply) -> Iterator[Event]:
    """The extractive answer: each piece is said, then cited."""
    if decision.best is None:
        raise ValueError("an answer without a candidate")
    for quote in quotes_of(decision.best):
        if quote.joint:
            yield reply.say(quote.joint)
        yield reply.say(quote.text)
        place = reply.last(len(quote.text))
        yield from reply.ended_sentence([_citation(quote, found, place, decision.sure)])
    yield reply.done("answered")


def nearest_quotes(decision: "Decision", found: Found, reply: Reply) -> Iterator[Event]:
    """A refusal that says what was not found, and the quotes that may help as block quotes."""
    refused = refusal(decision.reason, found.sources, decision.missing)
    yield reply.say(refused.message)
    quotes: list[Citation] = []
    for candidate in decision.near:
        for citation, text in _near(candidate, found, reply, decision.sure):
            quotes.append(citation)
            yield reply.say(text)
    yield reply.done("refused", replace(refused, quotes=tuple(quotes)))


def _near(candidate: Candidate, found: Found, reply: Reply, sure: float) -> Iterator[tuple[Citation, str]]:
    for quote in quotes_of(candidate):
        text = "\n\n" + "\n".join(f"> {line}".rstrip() for line in quote.text.split("\n"))
        place = AnswerSpan(reply.length, reply.length + len(text))
        yield _citation(quote, found, place, sure), text


def _citation(quote: Quote, found: Found, place: AnswerSpan, sure: float) -> Citation:
    piece = quote.piece
    document_id = piece.window.document.id
    source = found.sources[found.number_of(document_id, piece.span) - 1]
    return cite(
        piece.window, source.n, piece.span, place, Support(True, "extractive", min(1.0, sure)), quote.key
    )
