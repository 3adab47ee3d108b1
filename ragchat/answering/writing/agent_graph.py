"""The graph of agent mode: one model, the search and tools of others, limits on all, retries; messages as they come.

Built by LangChain's `create_agent`. Nothing of it is shown before its last message, so that a failed call may be
tried again at any point, inside the one deadline. A model that only searches until its calls are used up has said
nothing.
"""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, Final, cast

from langchain.agents import create_agent
from langchain.agents.middleware import AgentMiddleware, ModelCallLimitMiddleware, ToolCallLimitMiddleware
from langchain.agents.middleware.model_call_limit import ModelCallLimitExceededError
from langchain_core.messages import ToolMessage
from langchain_core.tools import StructuredTool

from ragchat.answering.request import ModelParameter
from ragchat.answering.writing.calls.upstream import MOST_ATTEMPTS, pause_before
from ragchat.errors import RagchatError, UpstreamFailed
from ragchat.models.providers import retry_after, status_of, upstream_failed

if TYPE_CHECKING:
    from langchain.agents.middleware import ModelRequest, ModelResponse
    from langchain.agents.middleware.types import ToolCallRequest
    from langchain_core.language_models.chat_models import BaseChatModel
    from langchain_core.messages import BaseMessage
    from langchain_core.tools import BaseTool
    from langgraph.types import Command

SEARCH: Final = "search_corpus"
MOST_SEARCHES: Final = 6
MOST_CALLS: Final = MOST_SEARCHES + 2
"""Calls of the model, retries aside."""
_NOT_UNDERSTOOD: Final = (400, 404, 422)
"""What services answer, among other things, when a model cannot call tools."""

log = logging.getLogger(__name__)

LookUp = Callable[[str], Awaitable[str]]


async def conversation(
    model: "BaseChatModel",
    name: str,
    rules: str,
    asked: "Sequence[BaseMessage]",
    look_up: LookUp,
    until: float,
    parameters: "Mapping[str, ModelParameter] | None" = None,
    tools: "Sequence[BaseTool]" = (),
) -> AsyncGenerator["BaseMessage", None]:
    """Messages of the model and of the tools, in order, until `until` (time.monotonic). Raises UpstreamFailed."""
    agent = _agent(model, name, rules, look_up, until, dict(parameters or {}), tools)
    updates = agent.astream({"messages": list(asked)}, stream_mode="updates")
    stream = cast("AsyncGenerator[dict[str, Any], None]", updates)
    async with aclosing(stream):
        while True:
            try:
                async with asyncio.timeout(max(0.0, until - time.monotonic())):
                    update = await anext(stream, None)
            except ModelCallLimitExceededError:
                return
            except RagchatError:
                raise
            except Exception as error:  # boundary: providers' exceptions share no base class
                raise upstream_failed(name, error) from error
            if update is None:
                return
            for change in update.values():
                for message in (change or {}).get("messages", ()):
                    if message.type in ("ai", "tool"):
                        yield message


def _agent(
    model: "BaseChatModel",
    name: str,
    rules: str,
    look_up: LookUp,
    until: float,
    parameters: dict[str, Any],
    tools: "Sequence[BaseTool]",
) -> Any:
    async def search_corpus(query: str) -> str:
        """Search the documents of this collection; returns numbered sources."""
        return await look_up(query)

    middleware: list[AgentMiddleware[Any, Any, Any]] = [
        ToolCallLimitMiddleware(run_limit=MOST_SEARCHES),
        ModelCallLimitMiddleware(run_limit=MOST_CALLS, exit_behavior="error"),
        _retries(name, until, parameters),
        _Forgiving(),
    ]
    search = StructuredTool.from_function(coroutine=search_corpus, name=SEARCH)
    return create_agent(model, [search, *tools], system_prompt=rules, middleware=middleware)


class _Forgiving(AgentMiddleware[Any, Any, Any]):
    """A tool of somebody else's that fails says so to the model, and ends nothing."""

    async def awrap_tool_call(
        self,
        request: "ToolCallRequest",
        handler: "Callable[[ToolCallRequest], Awaitable[ToolMessage | Command[Any]]]",
    ) -> "ToolMessage | Command[Any]":
        try:
            return await handler(request)
        except Exception as error:
            if request.tool_call["name"] == SEARCH:
                raise
            log.exception("the tool %s failed", request.tool_call["name"])
            said = f"The tool failed ({type(error).__name__})."
            return ToolMessage(
                said, tool_call_id=request.tool_call["id"], name=request.tool_call["name"], status="error"
            )


def _retries(name: str, until: float, parameters: dict[str, Any]) -> "AgentMiddleware[Any, Any, Any]":
    class Retries(AgentMiddleware[Any, Any, Any]):
        """Calls with the request's parameters, and again what may get better, as
        ragchat.answering.writing.calls.upstream does."""

        async def awrap_model_call(
            self,
            request: "ModelRequest[Any]",
            handler: "Callable[[ModelRequest[Any]], Awaitable[ModelResponse[Any]]]",
        ) -> "ModelResponse[Any]":
            attempt = 0
            request = request.override(model_settings={**request.model_settings, **parameters})
            while True:
                try:
                    return await handler(request)
                except Exception as error:  # noqa: BLE001 - providers' exceptions share no base class
                    attempt += 1
                    pause = _pause_after(name, error, attempt, until)
                await asyncio.sleep(pause)

    return Retries()


def _pause_after(name: str, error: Exception, attempt: int, until: float) -> float:
    """Seconds to wait before the next attempt. Raises UpstreamFailed where there is none."""
    failure = upstream_failed(name, error)
    pause = pause_before(attempt, retry_after(error))
    if failure.retryable and attempt < MOST_ATTEMPTS and time.monotonic() + pause < until:
        return pause
    if status_of(error) in _NOT_UNDERSTOOD:
        raise UpstreamFailed(
            failure.message,
            hint='The model may not be able to call tools: ask with mode "chat", or choose another.',
            retryable=False,
        ) from error
    raise failure from error
