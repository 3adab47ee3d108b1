"""Reading an OpenAI model's stream at once says what LangChain says, and is only done where nobody else listens."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, HumanMessage, SystemMessage
from langchain_core.outputs import ChatGenerationChunk

from ragchat.models.chat import named_chat_model
from ragchat.models.providers import upstream_failed
from ragchat.models.scripted import scripted_model
from ragchat.models.streams.direct import Spoken, reader_of
from tests.support.openai_server import ChatScript, OpenAIServer

SAID = ChatScript(tokens=("They", " are", " kept", " for", " 35", " days", "."))
MESSAGES = [SystemMessage("Be brief."), HumanMessage("How long?"), AIMessage("?"), HumanMessage("The files.")]


def model(server: OpenAIServer) -> BaseChatModel:
    return named_chat_model("openai:test-model", timeout=10, base_url=server.url)


@pytest.mark.parametrize(
    "script",
    [
        SAID,
        replace(SAID, usage=False),
        replace(SAID, finish="length"),
        replace(SAID, fault="whole"),
        replace(SAID, fault="null"),
        ChatScript(tokens=()),
    ],
    ids=["plain", "no usage", "cut by length", "in one piece", "null between", "nothing"],
)
@pytest.mark.parametrize("parameters", [{}, {"temperature": 0.5, "max_tokens": 9}], ids=["", "parameters"])
async def test_it_asks_and_reads_as_langchain_does(
    openai: OpenAIServer, script: ChatScript, parameters: dict[str, float]
) -> None:
    openai.chats = [script]
    asked = model(openai).bind(**parameters) if parameters else model(openai)
    read = reader_of(asked)
    assert read is not None
    spoken = [one async for one in read(MESSAGES)]
    theirs = [chunk async for chunk in asked.astream(MESSAGES)]
    assert "".join(one.text for one in spoken) == "".join(str(chunk.text) for chunk in theirs)
    finish = [chunk.response_metadata.get("finish_reason") for chunk in theirs]
    assert [one.finish for one in spoken if one.finish] == [reason for reason in finish if reason]
    used = [chunk.usage_metadata for chunk in theirs if chunk.usage_metadata]
    assert [one.tokens for one in spoken if one.tokens] == [
        (u["input_tokens"], u["output_tokens"]) for u in used
    ]
    ours, langchains = openai.requests
    assert ours.body == langchains.body


async def test_what_stands_beside_the_body_is_asked_as_langchain_does(openai: OpenAIServer) -> None:
    openai.chats = [SAID]
    asked = model(openai)
    asked.extra_body = {"top_k": 3}  # type: ignore[attr-defined]
    read = reader_of(asked)
    assert read is not None
    assert "".join([one.text async for one in read(MESSAGES)]) == "".join(SAID.tokens)
    assert [chunk async for chunk in asked.astream(MESSAGES)]
    ours, langchains = openai.requests
    assert ours.body == langchains.body
    assert ours.body["top_k"] == 3


async def test_an_error_within_a_stream_is_told() -> None:
    from ragchat.models.streams.direct import Reported, _chunks

    class Response:
        async def aiter_bytes(self) -> AsyncIterator[bytes]:
            yield b'data: {"choices": []}\n\ndata: {"error": {"message": "overloaded"}}\n\n'

    chunks = _chunks(Response())
    assert await anext(chunks) == {"choices": []}
    with pytest.raises(Reported) as failure:
        await anext(chunks)
    told = upstream_failed("openai:m", failure.value)
    assert (told.retryable, "reported an error" in str(told)) == (True, True)


async def test_a_body_that_goes_on_behind_its_last_event_holds_nobody_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from ragchat.models.streams import direct

    monkeypatch.setattr(direct, "REST_SECONDS", 0.05)

    class Response:
        async def aiter_bytes(self) -> AsyncIterator[bytes]:
            yield b'data: {"choices": []}\n\ndata: [DONE]\n\n'
            await asyncio.Event().wait()

    async with asyncio.timeout(20):
        assert [chunk async for chunk in direct._chunks(Response())] == [{"choices": []}]


async def test_text_in_parts_is_read_together() -> None:
    from ragchat.models.streams.direct import _spoken

    parts = [{"type": "text", "text": "They"}, {"type": "text", "text": " are"}, {"type": "image_url"}]
    assert _spoken({"choices": [{"delta": {"content": parts}}]}) == Spoken("They are")


def test_others_are_read_by_langchain(openai: OpenAIServer, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = model(openai)
    assert reader_of(plain) is not None
    assert reader_of(scripted_model("scripted:Hello.")) is None
    assert reader_of(plain.bind(tools=[{"type": "function", "function": {"name": "search"}}])) is None
    assert reader_of(plain.bind(response_format={"type": "json_object"})) is None
    assert reader_of(plain.with_config(tags=["seen"])) is None
    with monkeypatch.context() as another_release:
        another_release.delattr("langchain_openai.chat_models.base.BaseChatOpenAI._uses_gateway")
        assert reader_of(plain) is None

    class Own(type(plain)):  # type: ignore[misc]
        """A provider's class that reads streams in its own way."""

        async def _astream(self, *_: object, **__: object) -> AsyncIterator[ChatGenerationChunk]:
            yield ChatGenerationChunk(message=AIMessageChunk("mine"))

    assert reader_of(Own(model="x", api_key="none")) is None
    monkeypatch.setenv("LANGSMITH_TRACING", "true")
    from langsmith.utils import get_env_var

    get_env_var.cache_clear()
    try:
        assert reader_of(plain) is None
    finally:
        monkeypatch.delenv("LANGSMITH_TRACING")
        get_env_var.cache_clear()
