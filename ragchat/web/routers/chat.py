"""Asking: a whole answer as JSON, or its events as they come."""

from dataclasses import replace
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Query, Request, Response
from starlette.status import HTTP_204_NO_CONTENT

from ragchat.faces import ai_sdk, sse
from ragchat.web.asking import ask
from ragchat.web.dependencies import LiveOf, ServiceOf
from ragchat.web.owning import IdempotencyKey
from ragchat.web.problems import documented
from ragchat.web.replying.waiting import plain, words_to_come
from ragchat.web.replying.whole import chat_reply
from ragchat.web.requests import ChatBody, StreamBody, StreamQuery
from ragchat.web.responses import ChatReply
from ragchat.web.streams import AnswerStream, sse_stream, text_stream

router = APIRouter(tags=["chat"])

ERRORS = documented(400, 404, 413, 422, 502, 503)
SERVER_SENT: dict[str, Any] = {
    "type": "object",
    "properties": {
        "id": {"type": "string"},
        "event": {"type": "string"},
        "data": {
            "type": "string",
            "contentMediaType": "application/json",
            "contentSchema": {"$ref": "#/components/schemas/Event"},
        },
    },
}
"""Each event on the wire; what is in `data` is named by the schema `Event`."""
STREAMED: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The events of the answer: start, step, sources, token, citation, then done or error.",
        "content": {
            "text/event-stream": {
                "schema": SERVER_SENT,
                "example": 'id: 4\nevent: token\ndata: {"seq":4,"token":"36 months","type":"token"}\n\n',
            },
            "text/plain": {
                "schema": {"type": "string"},
                "example": '36 months from delivery. [1]\n\n[1] Warranty: "36 months from delivery."\n',
            },
        },
    }
}

_EITHER: dict[int | str, dict[str, Any]] = {
    200: STREAMED[200]
    | {
        "content": STREAMED[200]["content"]
        | {
            "text/event-stream": {
                "schema": {
                    "anyOf": [
                        SERVER_SENT,
                        {
                            "type": "object",
                            "description": "With protocol=ai-sdk: the chunks of its UI message stream.",
                        },
                    ]
                },
                "example": STREAMED[200]["content"]["text/event-stream"]["example"],
            }
        }
    }
}


@router.post("/chat", responses=ERRORS)
async def chat(
    body: ChatBody,
    request: Request,
    service: ServiceOf,
    live: LiveOf,
    once: IdempotencyKey = None,
) -> ChatReply:
    """Answer a question from the documents; the reply comes when the answer is whole."""
    return await chat_reply(service, live, replace(body.asking(), once=once), request)


@router.post("/chat/stream", response_class=Response, responses={**_EITHER, **ERRORS})
async def chat_stream(
    body: StreamBody,
    request: Request,
    service: ServiceOf,
    live: LiveOf,
    once: IdempotencyKey = None,
    protocol: Annotated[Literal["ragchat", "ai-sdk"], Query()] = "ragchat",
) -> AnswerStream:
    """Answer a question as a stream; `stream_format` chooses server-sent events or plain text.

    Text begins with the first words: what fails before them is a status. `protocol=ai-sdk` is the UI message stream of
    Vercel's AI SDK, and takes what its `useChat` posts.
    """
    answer = await ask(service, live, replace(body.asking(), once=once))
    if protocol == "ai-sdk":
        frames = ai_sdk.frames(plain(answer), str(request.base_url).rstrip("/"))
        stream = AnswerStream(answer, frames, sse.MEDIA_TYPE)
        stream.headers.update(ai_sdk.HEADERS)
        return stream
    if body.stream_format == "sse":
        return sse_stream(answer)
    await words_to_come(answer, request)
    return text_stream(answer)


@router.get("/chat/stream", response_class=Response, responses={**STREAMED, **ERRORS})
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
