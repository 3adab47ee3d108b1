"""`/v1/responses`."""

from dataclasses import replace
from time import time
from typing import Any

from fastapi import APIRouter, Request
from fastapi import Response as HttpResponse
from fastapi.responses import JSONResponse

from ragchat.access import Principal
from ragchat.faces import sse
from ragchat.faces.openai.responses import Response, ResponseFrames
from ragchat.web.asking import Asking, ask
from ragchat.web.dependencies import LiveOf, PrincipalOf, ServiceOf
from ragchat.web.owning import conversations_of
from ragchat.web.replying.waiting import plain, words_to_come
from ragchat.web.replying.whole import answered
from ragchat.web.routers.openai.bodies import ResponseBody
from ragchat.web.routers.openai.errors import openai_errors
from ragchat.web.routers.openai.messages import talk
from ragchat.web.routers.openai.models import collection_of
from ragchat.web.service import Service
from ragchat.web.streams import AnswerStream

router = APIRouter(tags=["openai"])

_REPLIES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "An OpenAI response, or its events as server-sent events; see docs/api.md.",
        "content": {
            "application/json": {"schema": {"type": "object"}},
            "text/event-stream": {"schema": {"type": "object"}},
        },
    }
}


@router.post("/responses", response_class=HttpResponse, responses={**_REPLIES, **openai_errors()})
async def responses(
    body: ResponseBody,
    request: Request,
    service: ServiceOf,
    live: LiveOf,
    principal: PrincipalOf,
) -> HttpResponse:
    """Answer from a collection as OpenAI's Responses API does; citations are `url_citation` annotations."""
    body.require_possible()
    asking = await _asking(body, service, principal)
    if not body.stream:
        told = await answered(service, live, asking, request)
        head = _response(body, told.start.message_id, request)
        return JSONResponse(head.whole(told.start, told.end, told.all.sources))
    answer = await ask(service, live, asking)
    await words_to_come(answer, request)
    frames = ResponseFrames(_response(body, answer.message_id, request))
    return AnswerStream(answer, frames.of(plain(answer)), sse.MEDIA_TYPE)


async def _asking(body: ResponseBody, service: Service, principal: Principal) -> Asking:
    said = talk(body.spoken, body.instructions or "")
    asking = Asking(
        message=said.question,
        user_id=body.user,
        collection=await collection_of(body.model, service),
        system_prompt=said.instructions,
        parameters=body.parameters(),
        conversation_id=body.conversation_id,
        history=said.history or None,
        record=body.store is not False,
    )
    if body.previous_response_id:
        store = conversations_of(service, principal, body.user)
        before = await store.message(body.previous_response_id.removeprefix("resp_"))
        asking = replace(asking, conversation_id=before.conversation_id)
    return asking


def _response(body: ResponseBody, message_id: str, request: Request) -> Response:
    echoed: dict[str, object] = {
        "instructions": body.instructions,
        "previous_response_id": body.previous_response_id,
        "max_output_tokens": body.max_output_tokens,
        "temperature": body.temperature,
        "top_p": body.top_p,
        "store": body.store is not False,
        "metadata": {},
    }
    return Response(f"resp_{message_id}", int(time()), body.model, str(request.base_url).rstrip("/"), echoed)
