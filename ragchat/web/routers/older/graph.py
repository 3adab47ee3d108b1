"""`/stream`, `/stream/messages` and `/stream/tools`: the events of one answer, all of them or one kind.

For clients of agent services, which read the words of an answer and the steps of its making as two streams. Numbers
stay those of the whole stream, so that a reader may go on at `/v1/messages/{id}/events`.
"""

from collections.abc import AsyncIterator
from typing import Annotated, Final, Literal, TypeAlias

from fastapi import APIRouter, Header, Query, Response
from starlette.status import HTTP_204_NO_CONTENT

from ragchat.faces import sse
from ragchat.web.asking import ask
from ragchat.web.dependencies import LiveOf, ServiceOf
from ragchat.web.live import Followed
from ragchat.web.requests import StreamQuery
from ragchat.web.routers.older.bodies import GraphBody
from ragchat.web.streams import AnswerStream

router = APIRouter(tags=["older"])

Kind: TypeAlias = Literal["all", "messages", "tools"]
KINDS: Final[dict[Kind, frozenset[str]]] = {
    "all": frozenset({"start", "step", "sources", "token", "citation", "done", "error"}),
    "messages": frozenset({"start", "token", "citation", "done", "error"}),
    "tools": frozenset({"start", "step", "sources", "done", "error"}),
}


@router.post("/stream")
async def post_all(body: GraphBody, service: ServiceOf, live: LiveOf) -> AnswerStream:
    """Every event."""
    return _stream(await ask(service, live, body.asking()), "all")


@router.post("/stream/{kind}")
async def post_some(
    kind: Literal["messages", "tools"],
    body: GraphBody,
    service: ServiceOf,
    live: LiveOf,
) -> AnswerStream:
    """The words, or the steps."""
    return _stream(await ask(service, live, body.asking()), kind)


@router.get("/stream")
async def get_all(
    query: Annotated[StreamQuery, Query()],
    service: ServiceOf,
    live: LiveOf,
    last_event_id: Annotated[str | None, Header()] = None,
) -> Response:
    """Every event, for EventSource."""
    if last_event_id:
        return Response(status_code=HTTP_204_NO_CONTENT)
    return _stream(await ask(service, live, query.asking()), "all", named=False)


@router.get("/stream/{kind}")
async def get_some(
    kind: Literal["messages", "tools"],
    query: Annotated[StreamQuery, Query()],
    service: ServiceOf,
    live: LiveOf,
    last_event_id: Annotated[str | None, Header()] = None,
) -> Response:
    """The words, or the steps, for EventSource."""
    if last_event_id:
        return Response(status_code=HTTP_204_NO_CONTENT)
    return _stream(await ask(service, live, query.asking()), kind, named=False)


def _stream(answer: Followed, kind: Kind, *, named: bool = True) -> AnswerStream:
    return AnswerStream(answer, _frames(answer, KINDS[kind], named), sse.MEDIA_TYPE)


async def _frames(answer: Followed, kinds: frozenset[str], named: bool) -> AsyncIterator[str]:
    async for item in answer.follow():
        if item is None:
            yield sse.HEARTBEAT
        elif item[1].type in kinds:
            yield sse.frame(*item, named=named)
