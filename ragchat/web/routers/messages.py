"""Answers by their id: stop one that runs, come back to its stream, say what you think of it."""

from typing import Annotated

from fastapi import APIRouter, Header, Path, Query, Response
from starlette.status import HTTP_204_NO_CONTENT

from ragchat.conversations import Feedback, StoredMessage
from ragchat.web.dependencies import LiveOf, ServiceOf
from ragchat.web.problems import documented
from ragchat.web.requests import FeedbackBody, Identifier
from ragchat.web.responses import StopReply
from ragchat.web.streams import sse_stream

router = APIRouter(prefix="/messages", tags=["messages"], responses=documented(404, 422, 503))

MessageId = Annotated[Identifier, Path()]


@router.get("/{message_id}")
async def message(message_id: MessageId, service: ServiceOf) -> StoredMessage:
    """One message with its sources and citations."""
    return await service.conversations.message(message_id)


@router.post("/{message_id}/stop")
async def stop(message_id: MessageId, service: ServiceOf, live: LiveOf) -> StopReply:
    """Stop an answer that is being made; what it has said so far is kept."""
    answer = live.get(message_id)
    if answer is not None:
        stopped = await answer.stop()
        return StopReply(message_id=message_id, stopped=stopped, status=answer.status)
    stored = await service.conversations.message(message_id)
    return StopReply(message_id=message_id, stopped=False, status=stored.status)


@router.get("/{message_id}/events", response_class=Response)
async def events(
    message_id: MessageId,
    service: ServiceOf,
    live: LiveOf,
    after: Annotated[int | None, Query(ge=-1, le=1_000_000)] = None,
    last_event_id: Annotated[str | None, Header()] = None,
) -> Response:
    """Come back to a stream after event `after` (or `Last-Event-ID`); 204 when nothing is left of it."""
    answer = live.get(message_id)
    if answer is None:
        await service.conversations.message(message_id)
        return Response(status_code=HTTP_204_NO_CONTENT)
    seen = after if after is not None else _number(last_event_id)
    if not answer.has_more(seen):
        return Response(status_code=HTTP_204_NO_CONTENT)
    return sse_stream(answer, after=seen)


@router.post("/{message_id}/feedback", status_code=HTTP_204_NO_CONTENT)
async def feedback(message_id: MessageId, body: FeedbackBody, service: ServiceOf) -> None:
    """Thumbs up or down and a comment; a second one replaces the first."""
    rated = Feedback(body.rating, body.comment) if body.rating else None
    await service.conversations.rate(message_id, rated)


def _number(last_event_id: str | None) -> int:
    plain = last_event_id or ""
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) < 8 else -1
