"""Answers by their id: stop one that runs, come back to its stream, say what you think of it.

Everything here asks for the `user_id` under which the conversation was begun, where it was begun under one.
"""

from typing import Annotated

from fastapi import APIRouter, Header, Path, Query, Response
from starlette.status import HTTP_204_NO_CONTENT

from ragchat.conversations import Feedback, StoredMessage
from ragchat.web.dependencies import LiveOf, PrincipalOf, ServiceOf
from ragchat.web.owning import conversations_of
from ragchat.web.problems import documented
from ragchat.web.requests import FeedbackBody, Identifier, UserId
from ragchat.web.responses import StopReply
from ragchat.web.streams import sse_stream

router = APIRouter(prefix="/messages", tags=["messages"], responses=documented(404, 422, 503))

MessageId = Annotated[Identifier, Path()]
User = Annotated[UserId | None, Query(alias="user_id")]
Seq = Annotated[int | None, Query(ge=-1, le=1_000_000)]
LastSeq = Annotated[int | None, Header(alias="Last-Event-ID", ge=-1, le=1_000_000)]


@router.get("/{message_id}")
async def message(
    message_id: MessageId, service: ServiceOf, principal: PrincipalOf, user: User = None
) -> StoredMessage:
    """One message with its sources and citations."""
    return await conversations_of(service, principal, user).message(message_id)


@router.post("/{message_id}/stop")
async def stop(
    message_id: MessageId, service: ServiceOf, live: LiveOf, principal: PrincipalOf, user: User = None
) -> StopReply:
    """Stop an answer that is being made, on whichever worker; what it has said so far is kept."""
    store = conversations_of(service, principal, user)
    answer = await live.find(store, message_id)
    if answer is None:
        stored = await store.message(message_id)
        return StopReply(message_id=message_id, stopped=False, status=stored.status)
    stopped = await answer.stop()
    return StopReply(message_id=message_id, stopped=stopped, status=answer.status)


@router.get("/{message_id}/events", response_class=Response)
async def events(
    message_id: MessageId,
    service: ServiceOf,
    live: LiveOf,
    principal: PrincipalOf,
    after: Seq = None,
    last_event_id: LastSeq = None,
    user: User = None,
) -> Response:
    """Come back to a stream after event `after` (or `Last-Event-ID`); 204 when nothing is left of it.

    The rest is what the first connection would have got, byte for byte, on every worker, until five minutes after the
    answer's end.
    """
    answer = await live.find(conversations_of(service, principal, user), message_id)
    seen = after if after is not None else last_event_id if last_event_id is not None else -1
    if answer is None or not await answer.has_more(seen):
        return Response(status_code=HTTP_204_NO_CONTENT)
    return sse_stream(answer, after=seen)


@router.post("/{message_id}/feedback", status_code=HTTP_204_NO_CONTENT)
async def feedback(
    message_id: MessageId,
    body: FeedbackBody,
    service: ServiceOf,
    principal: PrincipalOf,
    user: User = None,
) -> None:
    """Thumbs up or down and a comment; a second one replaces the first."""
    rated = Feedback(body.rating, body.comment) if body.rating else None
    await conversations_of(service, principal, user).rate(message_id, rated)
