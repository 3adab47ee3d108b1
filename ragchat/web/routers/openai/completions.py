"""`/v1/chat/completions`."""

from time import time
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from ragchat.faces import sse
from ragchat.faces.openai.completions import Completion
from ragchat.web.asking import Asking, ask
from ragchat.web.dependencies import LiveOf, ServiceOf
from ragchat.web.replying.waiting import plain, words_to_come
from ragchat.web.replying.whole import answered
from ragchat.web.routers.openai.bodies import CompletionBody
from ragchat.web.routers.openai.errors import openai_errors
from ragchat.web.routers.openai.messages import talk
from ragchat.web.routers.openai.models import collection_of
from ragchat.web.streams import AnswerStream

router = APIRouter(tags=["openai"])

_REPLIES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "An OpenAI chat completion, or its chunks as server-sent events; see docs/api.md.",
        "content": {
            "application/json": {"schema": {"type": "object"}},
            "text/event-stream": {"schema": {"type": "object"}},
        },
    }
}


@router.post("/chat/completions", response_class=Response, responses={**_REPLIES, **openai_errors()})
async def completions(
    body: CompletionBody,
    request: Request,
    service: ServiceOf,
    live: LiveOf,
) -> Response:
    """Answer from a collection as OpenAI's chat completions do: the last message asks, those before are history."""
    body.require_possible()
    said = talk(body.messages)
    asking = Asking(
        message=said.question,
        user_id=body.user,
        collection=await collection_of(body.model, service),
        system_prompt=said.instructions,
        parameters=body.parameters(),
        history=said.history,
        record=body.store is not False,
    )
    if not body.stream:
        told = await answered(service, live, asking, request)
        head = _completion(body.model, told.start.message_id, request)
        return JSONResponse(head.whole(told.start, told.end, told.all.sources))
    answer = await ask(service, live, asking)
    await words_to_come(answer, request)
    head = _completion(body.model, answer.message_id, request)
    with_usage = body.stream_options is not None and body.stream_options.include_usage
    return AnswerStream(answer, head.frames(plain(answer), with_usage=with_usage), sse.MEDIA_TYPE)


def _completion(model: str, message_id: str, request: Request) -> Completion:
    return Completion(f"chatcmpl-{message_id}", int(time()), model, str(request.base_url).rstrip("/"))
