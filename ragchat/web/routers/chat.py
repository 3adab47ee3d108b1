"""Asking: a whole answer as JSON, or its events as they come."""

from dataclasses import replace
from time import perf_counter
from typing import Annotated, Any

import anyio
from fastapi import APIRouter, Header, Query, Request, Response
from starlette.status import HTTP_204_NO_CONTENT

from ragchat.answering.events import Error
from ragchat.conversations.recording import UNSAVED
from ragchat.errors import StorageFailed
from ragchat.faces.collect import Collected, collect
from ragchat.web.asking import ask
from ragchat.web.dependencies import LiveOf, ServiceOf
from ragchat.web.live import Followed
from ragchat.web.owning import IdempotencyKey
from ragchat.web.problems import documented, error_of
from ragchat.web.requests import ChatBody, StreamBody, StreamQuery
from ragchat.web.responses import ChatReply, UsageReply
from ragchat.web.service import Service
from ragchat.web.streams import AnswerStream, sse_stream, text_stream

router = APIRouter(tags=["chat"])

_ERRORS = documented(400, 404, 413, 422, 502, 503)
_STREAMED: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The events of the answer: start, step, sources, token, citation, then done or error.",
        "content": {
            "text/event-stream": {"schema": {"type": "string"}},
            "text/plain": {"schema": {"type": "string"}},
        },
    }
}


@router.post("/chat", responses=_ERRORS)
async def chat(
    body: ChatBody,
    request: Request,
    service: ServiceOf,
    live: LiveOf,
    once: IdempotencyKey = None,
) -> ChatReply:
    """Answer a question from the documents; the reply comes when the answer is whole."""
    begun = perf_counter()
    answer = await ask(service, live, replace(body.asking(), once=once))
    with answer.followed():
        whole = await _whole(answer, request)
    start, end = whole.start, whole.end
    if isinstance(end, Error):
        raise error_of(end)
    if start is None:  # stopped before it began
        raise error_of(Error("stopped", "The answer was stopped before it began.", retryable=True))
    saved = UNSAVED not in whole.steps
    return ChatReply(
        response=end.response,
        conversation_id=start.conversation_id,
        message_id=start.message_id,
        sources=whole.sources,
        citations=end.citations,
        finish=end.finish,
        refusal=end.refusal,
        grounded=end.grounded,
        model=start.model,
        generation=start.generation,
        tokens_used=end.usage.total_tokens,
        usage=UsageReply(input_tokens=end.usage.input_tokens, output_tokens=end.usage.output_tokens),
        latency_ms=round((perf_counter() - begun) * 1000, 1),
        timings=end.timings,
        message_count=await _message_count(service, start.message_id) if saved else 0,
        saved=saved,
    )


async def _message_count(service: Service, message_id: str) -> int:
    """With this answer and its question; 0 when the conversation was deleted while its answer was made."""
    try:
        return await service.conversations.count_through(message_id)
    except StorageFailed:
        return 0


async def _whole(answer: Followed, request: Request) -> Collected:
    """The finished answer; given up when the client goes away, so that nobody's answer is not paid for."""
    result: Collected | None = None
    async with anyio.create_task_group() as tasks:

        async def until_gone() -> None:
            while (await request.receive())["type"] != "http.disconnect":
                pass
            tasks.cancel_scope.cancel()

        tasks.start_soon(until_gone)
        result = await collect(item[1] async for item in answer.follow() if item is not None)
        tasks.cancel_scope.cancel()
    if result is None:
        await answer.stop("incomplete")
        result = await collect(item[1] async for item in answer.follow() if item is not None)
    return result


@router.post("/chat/stream", response_class=Response, responses={**_STREAMED, **_ERRORS})
async def chat_stream(
    body: StreamBody,
    service: ServiceOf,
    live: LiveOf,
    once: IdempotencyKey = None,
) -> AnswerStream:
    """Answer a question as a stream; `stream_format` chooses server-sent events or plain text."""
    answer = await ask(service, live, replace(body.asking(), once=once))
    return sse_stream(answer) if body.stream_format == "sse" else text_stream(answer)


@router.get("/chat/stream", response_class=Response, responses={**_STREAMED, **_ERRORS})
async def chat_event_source(
    query: Annotated[StreamQuery, Query()],
    service: ServiceOf,
    live: LiveOf,
    last_event_id: Annotated[str | None, Header(include_in_schema=False)] = None,
) -> Response:
    """For browsers' EventSource: unnamed events, `type` in the data.

    EventSource asks again by itself when a stream ends; 204 tells it to stop, or every question would be asked twice.
    """
    if last_event_id:
        return Response(status_code=HTTP_204_NO_CONTENT)
    answer = await ask(service, live, query.asking())
    return sse_stream(answer, named=False)
