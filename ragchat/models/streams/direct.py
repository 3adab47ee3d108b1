"""An OpenAI model's stream, read from its bytes, without LangChain's and the client's objects around each token.

LangChain makes several of them a token, keeps them all to the end and tells its callbacks of each: a third of what a
stream costs (bench/service). OpenAI's client turns a request over by its types, 4 ms of the loop, and hands each event
through four generators. The request stays LangChain's own, made by its model from all of its settings, and is sent by
the client, with its keys, addresses and errors.
"""

import asyncio
import json
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from ragchat.models.streams.server_events import EventData

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage


@dataclass(frozen=True, slots=True)
class Spoken:
    """A piece of an answer; `tokens` are (input, output) where the service tells them, mostly with the last one."""

    text: str = ""
    finish: str = ""
    tokens: tuple[int, int] | None = None


_ASKED: Final = (
    "root_async_client",
    "async_client",
    "_should_stream_usage",
    "_get_request_payload",
    "_use_responses_api",
    "_uses_gateway",
)
"""What is used of LangChain's model; a release without one of them reads its streams itself."""

_ASIDE: Final = frozenset({"extra_headers", "extra_query", "extra_body", "timeout"})
"""What a request may hold beside its body; the client's typed method takes these apart."""
_DONE: Final = b"[DONE]"
REST_SECONDS: Final = 1.0
"""That are waited behind the last event for the body's end: read to it, the connection serves the next question."""

Reader: TypeAlias = "Callable[[Sequence[BaseMessage]], AsyncGenerator[Spoken, None]]"


def reader_of(model: Any) -> "Reader | None":
    """How the model's stream is read at once; None where LangChain has to read it: other providers, tools, tracing."""
    settings: dict[str, Any] = {}
    if hasattr(model, "bound") and not (model.config or model.config_factories):
        model, settings = model.bound, dict(model.kwargs)
    if not _is_plain(model, settings):
        return None

    async def read(messages: "Sequence[BaseMessage]") -> AsyncGenerator[Spoken, None]:
        asked = {**settings, "stream": True}
        if model._should_stream_usage(None, **asked):
            asked["stream_options"] = {"include_usage": True}
        payload = model._get_request_payload(list(messages), stop=None, **asked)
        stream = await _sent(model, payload)
        async with stream:
            async for chunk in _chunks(stream.response):
                yield _spoken(chunk)

    return read


async def _sent(model: Any, payload: dict[str, Any]) -> Any:
    """The client's stream for the request, of which only the response is used."""
    if not _ASIDE.isdisjoint(payload):
        return await model.async_client.create(**payload)
    from openai import AsyncStream  # of LangChain, whose model this is
    from openai.types.chat import ChatCompletionChunk  # of LangChain, too

    return await model.root_async_client.post(
        "/chat/completions",
        body=payload,
        cast_to=ChatCompletionChunk,
        stream=True,
        stream_cls=AsyncStream[ChatCompletionChunk],
    )


async def _chunks(response: Any) -> AsyncGenerator[dict[str, Any], None]:
    """The chunks up to the last one. Raises what the connection raises, ValueError for what is no JSON, and Reported
    for an error among the events."""
    events = EventData()
    pieces = response.aiter_bytes()
    async for piece in pieces:
        for data in events.feed(piece):
            if data.startswith(_DONE):
                await _read_out(pieces)
                return
            chunk = json.loads(data)
            if not isinstance(chunk, dict):  # `data: null`, as some services keep a connection open
                continue
            if chunk.get("error"):
                raise Reported
            yield chunk


class Reported(Exception):
    """The service has sent an error in place of a chunk."""


async def _read_out(pieces: AsyncIterator[bytes]) -> None:
    with suppress(Exception):  # boundary: the answer is whole, whatever the connection meets now
        async with asyncio.timeout(REST_SECONDS):
            async for _ in pieces:
                pass


def _is_plain(model: Any, settings: dict[str, Any]) -> bool:
    """Whether nothing but chat completions is asked for and nobody but us listens."""
    package = sys.modules.get("langchain_openai.chat_models.base")
    if package is None or not isinstance(model, package.BaseChatOpenAI):
        return False
    if type(model)._astream.__module__ != package.__name__ or not all(
        hasattr(model, name) for name in _ASKED
    ):
        return False
    if not settings.keys().isdisjoint({"tools", "functions", "response_format", "stop"}):
        return False
    if model.callbacks or model.rate_limiter or model.include_response_headers or model._uses_gateway:
        return False
    from langsmith.utils import tracing_is_enabled  # of LangChain, whose model this is

    return not (model._use_responses_api({**settings, **model.model_kwargs}) or tracing_is_enabled())


def _spoken(chunk: dict[str, Any]) -> Spoken:
    choice: dict[str, Any] = next(iter(chunk.get("choices") or ()), {})
    content = (choice.get("delta") or {}).get("content") or ""
    if not isinstance(content, str):  # parts, as some services send them
        content = "".join(part.get("text") or "" for part in content if isinstance(part, dict))
    used = chunk.get("usage")
    tokens = (used.get("prompt_tokens") or 0, used.get("completion_tokens") or 0) if used else None
    return Spoken(content, choice.get("finish_reason") or "", tokens)
