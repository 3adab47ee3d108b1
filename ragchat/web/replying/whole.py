"""A whole answer as the JSON that `POST /v1/chat` gives."""

from dataclasses import dataclass
from time import perf_counter

from fastapi import Request

from ragchat.answering.events import Done, Error, Start
from ragchat.conversations.recording import UNSAVED
from ragchat.errors import StorageFailed
from ragchat.faces.collect import Collected
from ragchat.web.asking import Asking, ask
from ragchat.web.live import LiveAnswers
from ragchat.web.problems import error_of
from ragchat.web.replying.waiting import whole
from ragchat.web.responses import ChatReply, UsageReply
from ragchat.web.service import Service


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer that came to an end of its own, and how long that took."""

    start: Start
    end: Done
    all: Collected
    latency_ms: float

    @property
    def saved(self) -> bool:
        return UNSAVED not in self.all.steps


async def answered(service: Service, live: LiveAnswers, asking: Asking, request: Request) -> Answered:
    """Ask, and wait for the end. Raises what the answer failed by."""
    begun = perf_counter()
    collected = await whole(await ask(service, live, asking), request)
    if isinstance(collected.end, Error):
        raise error_of(collected.end)
    if collected.start is None:  # stopped before it began
        raise error_of(Error("stopped", "The answer was stopped before it began.", retryable=True))
    latency = round((perf_counter() - begun) * 1000, 1)
    return Answered(collected.start, collected.end, collected, latency)


async def chat_reply(service: Service, live: LiveAnswers, asking: Asking, request: Request) -> ChatReply:
    """The answer with everything that it rests on. Raises what it failed by."""
    told = await answered(service, live, asking, request)
    start, end = told.start, told.end
    return ChatReply(
        response=end.response,
        conversation_id=start.conversation_id,
        message_id=start.message_id,
        sources=told.all.sources,
        citations=end.citations,
        finish=end.finish,
        refusal=end.refusal,
        grounded=end.grounded,
        model=start.model,
        generation=start.generation,
        tokens_used=end.usage.total_tokens,
        usage=UsageReply(input_tokens=end.usage.input_tokens, output_tokens=end.usage.output_tokens),
        latency_ms=told.latency_ms,
        timings=end.timings,
        message_count=await _message_count(service, start.message_id) if told.saved else 0,
        saved=told.saved,
    )


async def _message_count(service: Service, message_id: str) -> int:
    """With this answer and its question; 0 when the conversation was deleted while its answer was made."""
    try:
        return await service.conversations.count_through(message_id)
    except StorageFailed:
        return 0
