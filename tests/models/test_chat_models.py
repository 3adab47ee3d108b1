"""Chat models by name over real HTTP: streaming, usage, one try only, and faults told apart by one translation."""

import asyncio
from contextlib import aclosing

import pytest
from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import AIMessageChunk
from pydantic import SecretStr

from ragchat.errors import NotReady, RagchatError, UpstreamFailed, UsageError
from ragchat.models.loading import load_chat_model
from ragchat.models.providers import retry_after, upstream_failed
from tests.support.openai_server import ChatScript, Fault, OpenAIServer

NAME = "openai:gpt-4o-mini"


def model(server: OpenAIServer, *, timeout: float = 10.0) -> BaseChatModel:
    return load_chat_model(NAME, timeout=timeout, base_url=server.url, api_key=SecretStr("sk-very-secret"))


async def streamed(chat: BaseChatModel) -> AIMessageChunk:
    merged = AIMessageChunk(content="")
    async for chunk in chat.astream("Hello?"):
        merged = merged + chunk
    return merged


async def failure_of(chat: BaseChatModel) -> tuple[Exception, UpstreamFailed]:
    with pytest.raises(Exception) as caught:  # noqa: PT011  # every fault has its own class; what matters is our translation
        await streamed(chat)
    assert isinstance(caught.value, Exception)
    return caught.value, upstream_failed(NAME, caught.value)


async def test_tokens_and_usage_are_streamed(openai: OpenAIServer) -> None:
    answer = await streamed(model(openai))
    assert answer.content == "Hello there."
    assert answer.usage_metadata is not None
    assert answer.usage_metadata["input_tokens"] == 11
    assert answer.usage_metadata["output_tokens"] == 3
    (request,) = openai.requests
    assert request.body["stream"] is True
    assert request.body["stream_options"] == {"include_usage": True}
    assert request.headers["authorization"] == "Bearer sk-very-secret"


async def test_a_whole_answer_can_be_asked_for(openai: OpenAIServer) -> None:
    answer = await model(openai).ainvoke("Hello?")
    assert answer.content == "Hello there."
    assert answer.usage_metadata is not None


async def test_the_finish_reason_of_a_refusal_comes_through(openai: OpenAIServer) -> None:
    openai.chats = [ChatScript(tokens=(), finish="content_filter")]
    assert (await streamed(model(openai))).response_metadata["finish_reason"] == "content_filter"


@pytest.mark.parametrize(
    ("script", "said", "retryable"),
    [
        (ChatScript(fault="status", status=429, retry_after="7"), "HTTP 429", True),
        (ChatScript(fault="status", status=500), "HTTP 500", True),
        (ChatScript(fault="status", status=401), "refused the key", False),
        (ChatScript(fault="status", status=404), "HTTP 404", False),
        (ChatScript(fault="cut"), "connection broke", True),
        (ChatScript(fault="cut_in_character"), "connection broke", True),
        (ChatScript(fault="bad_json"), "cannot be read", False),
    ],
)
async def test_faults_are_told_apart_and_never_retried_here(
    openai: OpenAIServer, script: ChatScript, said: str, retryable: bool
) -> None:
    openai.chats = [script]
    error, failure = await failure_of(model(openai))
    assert said in str(failure)
    assert failure.retryable is retryable
    assert "sk-very-secret" not in f"{failure!r} {failure}"
    assert len(openai.requests) == 1
    assert retry_after(error) == (7.0 if script.retry_after else None)


async def test_silence_ends_at_the_timeout_and_the_connection_is_closed(openai: OpenAIServer) -> None:
    openai.chats = [ChatScript(fault="silence")]
    _, failure = await failure_of(model(openai, timeout=0.3))
    assert "did not answer in time" in str(failure)
    assert await asyncio.to_thread(openai.requests[0].hung_up.wait, 5)


@pytest.mark.parametrize("fault", ["html", "empty"])
async def test_an_answer_without_events_is_an_error_and_not_an_empty_answer(
    openai: OpenAIServer, fault: Fault
) -> None:
    openai.chats = [ChatScript(fault=fault)]
    _, failure = await failure_of(model(openai))
    assert "cannot be read" in str(failure)


async def test_closing_the_stream_hangs_up_on_an_endless_drip(openai: OpenAIServer) -> None:
    openai.chats = [ChatScript(fault="drip")]
    async with aclosing(model(openai).astream("Hello?")) as stream:  # type: ignore[type-var]
        seen = 0
        async for _ in stream:
            seen += 1
            if seen == 10:
                break
    assert await asyncio.to_thread(openai.requests[0].hung_up.wait, 5)


@pytest.mark.parametrize(
    ("name", "error", "said"),
    [
        (NAME, NotReady, "Set OPENAI_API_KEY"),
        ("anthropic:claude-sonnet-4-5", NotReady, "pip install langchain-anthropic"),
        ("ollama:llama3.2", NotReady, "pip install langchain-ollama"),
        ("nowhere:model", UsageError, "no provider 'nowhere'"),
        ("some-model", UsageError, "provider:model"),
        ("openai:", UsageError, "provider:model"),
    ],
)
def test_what_is_missing_is_said_with_the_next_step(
    openai: OpenAIServer, name: str, error: type[RagchatError], said: str
) -> None:
    with pytest.raises(error, match=said):
        load_chat_model(name)


@pytest.mark.parametrize(
    ("header", "seconds"), [("12", 12.0), ("0.5", 0.5), ("-3", 0.0), ("soon", None), ("", None)]
)
def test_retry_after_is_read_as_a_number(header: str, seconds: float | None) -> None:
    assert retry_after(_Answered(header)) == seconds


def test_retry_after_is_read_as_a_date() -> None:
    assert retry_after(_Answered("Fri, 31 Dec 1999 23:59:59 GMT")) == 0.0
    far = retry_after(_Answered("Fri, 31 Dec 2199 23:59:59 GMT"))
    assert far is not None
    assert far > 1e9


class _Answered(Exception):
    """Shaped like a provider's exception."""

    def __init__(self, header: str) -> None:
        self.response = self
        self.headers = {"retry-after": header}
