"""A chat model that says what it is told to: for tests, demos and users' own pipelines, with no key and no network.

It is a real LangChain `BaseChatModel`: it streams its chunks one by one, reports usage, calls tools, waits, fails
where the script says, and keeps every request that it was sent.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Final, TypeAlias

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import LanguageModelInput
from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, ToolCallChunk
from langchain_core.messages.ai import UsageMetadata
from langchain_core.messages.utils import message_chunk_to_message
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.tools import BaseTool
from langchain_core.utils.function_calling import convert_to_openai_tool
from pydantic import PrivateAttr, SkipValidation

PREFIX: Final = "scripted:"


@dataclass(frozen=True, slots=True)
class ToolRequest:
    """A tool call that the model asks for; arguments that are a text are sent as they are, JSON or not."""

    name: str
    arguments: Mapping[str, object] | str


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer: `chunks` in order with `delay` seconds before each, then tool calls, then the end.

    `error` is raised in place of the end, after the last chunk; `finish` is the provider's reason ("stop", "length",
    "content_filter", …), and becomes "tool_calls" by itself where there are any.
    """

    chunks: Sequence[str] = ()
    tools: Sequence[ToolRequest] = ()
    finish: str = "stop"
    error: Exception | None = None
    delay: float = 0.0
    usage: bool = True


@dataclass(frozen=True, slots=True)
class Request:
    """What the model was sent: the messages, the names of the tools on offer, and what was set besides
    (temperature)."""

    messages: list[BaseMessage]
    tools: tuple[str, ...] = ()
    parameters: Mapping[str, object] = field(default_factory=dict)


Said: TypeAlias = "Reply | str | Sequence[str]"
Script: TypeAlias = "Sequence[str] | Sequence[Reply] | Callable[[list[BaseMessage]], Said]"


@dataclass(slots=True)
class _Log:
    requests: list[Request] = field(default_factory=list)
    abandoned: int = 0


class ScriptedChatModel(BaseChatModel):
    """Replays `script`: chunks (the same reply every time), replies in turn (the last repeats), or a function.

    A function is given the messages and returns a Reply, its chunks, or a text that is streamed word by word.
    """

    script: Annotated[Script, SkipValidation]
    model_name: str = "scripted"
    _log: _Log = PrivateAttr(default_factory=_Log)

    @property
    def requests(self) -> list[Request]:
        """Every request so far, oldest first."""
        return self._log.requests

    @property
    def abandoned(self) -> int:
        """How many streams were closed by their reader before the end."""
        return self._log.abandoned

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def bind_tools(
        self,
        tools: Sequence[dict[str, Any] | type | Callable[..., Any] | BaseTool],
        *,
        tool_choice: str | None = None,
        **kwargs: Any,
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """The same model, told of `tools`; which it calls is the script's business."""
        return self.bind(tools=[convert_to_openai_tool(tool) for tool in tools], **kwargs)

    def _reply(self, messages: list[BaseMessage], kwargs: Mapping[str, object]) -> Reply:
        offered = kwargs.get("tools")
        named = [tool["function"]["name"] for tool in offered] if isinstance(offered, list) else []
        number = len(self._log.requests)
        besides = {key: value for key, value in kwargs.items() if key != "tools"}
        self._log.requests.append(Request(list(messages), tuple(named), besides))
        if callable(self.script):
            return _as_reply(self.script(list(messages)))
        replies = [said for said in self.script if isinstance(said, Reply)]
        if replies:
            return replies[min(number, len(replies) - 1)]
        return Reply([said for said in self.script if isinstance(said, str)])

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: object,
    ) -> ChatResult:
        merged: ChatGenerationChunk | None = None
        for chunk in self._stream(messages, stop, run_manager, **kwargs):
            merged = chunk if merged is None else merged + chunk
        assert merged is not None  # every stream ends with a last chunk
        return ChatResult(generations=[ChatGeneration(message=message_chunk_to_message(merged.message))])

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: object,
    ) -> Iterator[ChatGenerationChunk]:
        reply = self._reply(messages, kwargs)
        try:
            for chunk in self._chunks(reply, messages):
                time.sleep(reply.delay)
                if run_manager:
                    run_manager.on_llm_new_token(chunk.text, chunk=chunk)
                yield chunk
        except GeneratorExit:
            self._log.abandoned += 1
            raise

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: object,
    ) -> AsyncIterator[ChatGenerationChunk]:
        reply = self._reply(messages, kwargs)
        try:
            for chunk in self._chunks(reply, messages):
                await asyncio.sleep(reply.delay)
                if run_manager:
                    await run_manager.on_llm_new_token(chunk.text, chunk=chunk)
                yield chunk
        except (GeneratorExit, asyncio.CancelledError):
            self._log.abandoned += 1
            raise

    def _chunks(self, reply: Reply, messages: list[BaseMessage]) -> Iterator[ChatGenerationChunk]:
        for text in reply.chunks:
            yield ChatGenerationChunk(message=AIMessageChunk(content=text))
        if reply.error is not None:
            raise reply.error
        calls = [_call_chunk(index, tool) for index, tool in enumerate(reply.tools)]
        last = AIMessageChunk(
            content="",
            tool_call_chunks=calls,
            response_metadata={
                "finish_reason": "tool_calls" if calls else reply.finish,
                "model_name": self.model_name,
            },
            usage_metadata=_usage(reply, messages) if reply.usage else None,
            chunk_position="last",
        )
        yield ChatGenerationChunk(message=last)


def scripted_model(name: str) -> ScriptedChatModel:
    """The model called "scripted:TEXT": it answers TEXT, word by word, to everything."""
    return ScriptedChatModel(script=_words(name.removeprefix(PREFIX)), model_name=name)


def _as_reply(said: Said) -> Reply:
    if isinstance(said, Reply):
        return said
    return Reply(_words(said) if isinstance(said, str) else said)


def _words(text: str) -> list[str]:
    """Words with the space before each, so that joined they are `text`."""
    first, *rest = text.split(" ")
    return [word for word in (first, *(f" {word}" for word in rest)) if word]


def _call_chunk(index: int, tool: ToolRequest) -> ToolCallChunk:
    given = tool.arguments
    arguments = given if isinstance(given, str) else json.dumps(dict(given))
    return ToolCallChunk(
        name=tool.name, args=arguments, id=f"call_{index}", index=index, type="tool_call_chunk"
    )


def _usage(reply: Reply, messages: list[BaseMessage]) -> UsageMetadata:
    """Whitespace words stand for tokens."""
    sent = sum(len(message.text.split()) for message in messages)
    said = len("".join(reply.chunks).split())
    return UsageMetadata(input_tokens=sent, output_tokens=said, total_tokens=sent + said)
