"""An OpenAI model's stream, read without LangChain's objects around each token.

LangChain makes several of them a token, keeps them all to the end and tells its callbacks of each: a third of what a
stream costs (bench/service). The request stays LangChain's own, made by its model from all of its settings.
"""

import sys
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage


@dataclass(frozen=True, slots=True)
class Spoken:
    """A piece of an answer; `tokens` are (input, output) where the service tells them, mostly with the last one."""

    text: str = ""
    finish: str = ""
    tokens: tuple[int, int] | None = None


_ASKED: Final = (
    "async_client",
    "_should_stream_usage",
    "_get_request_payload",
    "_use_responses_api",
    "_uses_gateway",
)
"""What is used of LangChain's model; a release without one of them reads its streams itself."""

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
        stream = await model.async_client.create(
            **model._get_request_payload(list(messages), stop=None, **asked)
        )
        async with stream:
            async for chunk in stream:
                yield _spoken(chunk if isinstance(chunk, dict) else chunk.model_dump())

    return read


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
