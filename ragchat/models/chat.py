"""Chat models by name, set up so that our own retry policy and deadline are the only ones.

Every name is a LangChain `init_chat_model` one ("openai:gpt-4o-mini", "ollama:llama3.2"; "gpt-4.1-mini" alone,
where one provider only has such names), but for "scripted:TEXT", the shipped fake. Building a model calls no service.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from ragchat.models.providers import Options, at_home, built, openai_options, provider_of, with_provider
from ragchat.models.streams.unstreamed import read_whole_answers
from ragchat.models.streams.wire import read_on_the_loop

if TYPE_CHECKING:
    from langchain_core.language_models.chat_models import BaseChatModel
    from pydantic import SecretStr

SETTING: Final = "RAGCHAT_CHAT_MODEL"
# Those whose class derives from langchain-openai's BaseChatOpenAI; others send usage unasked.
OPENAI_CLASSES: Final = frozenset({"openai", "azure_openai", "deepseek", "xai"})


def named_chat_model(
    name: str, *, timeout: float, base_url: str | None = None, api_key: "SecretStr | None" = None
) -> "BaseChatModel":
    """The chat model called `name`; `timeout` is the longest silence in seconds. Raises UsageError, NotReady."""
    name = with_provider(name)
    provider = provider_of(name, SETTING)
    if provider == "scripted":
        from ragchat.models.scripted import scripted_model  # langchain: 900 ms

        return scripted_model(name)
    options = _options(provider, timeout)
    if provider == "openai":
        options |= openai_options(base_url, api_key)

    def build() -> "BaseChatModel":
        if provider == "ollama":  # else LangChain falls back to a class that langchain-community has dropped
            import_module("langchain_ollama")
        from langchain.chat_models import init_chat_model  # langchain: 900 ms

        return init_chat_model(name, **options)

    model = built(name, provider, SETTING, build)
    at_home(model)
    _read_chunks_as_they_are(model)
    client = getattr(model, "root_async_client", None)
    read_whole_answers(client)
    read_on_the_loop(client)
    return model


def _read_chunks_as_they_are(model: object) -> None:
    """Hands a stream's chunks on as the dictionaries that they came as.

    OpenAI's client makes objects of each, field by field, and LangChain dictionaries of these again: a quarter of the
    work on a stream, for nothing (bench/service). Streams of other kinds stay as they are.
    """
    client: Any = getattr(model, "root_async_client", None)
    process = getattr(client, "_process_response_data", None)
    if process is None:
        return

    def read(*, data: object, cast_to: type, response: object) -> object:
        if getattr(cast_to, "__name__", "") != "ChatCompletionChunk":
            return process(data=data, cast_to=cast_to, response=response)
        if not isinstance(data, dict):  # `data: null`, as some services keep a connection open
            return {"choices": []}
        for choice in data.get("choices") or ():
            choice.setdefault("delta", None)
        return data

    client._process_response_data = read


def _options(provider: str, timeout: float) -> Options:
    if provider == "ollama":  # its class hands time-outs to httpx and never retries
        return {"client_kwargs": {"timeout": timeout}}
    options: Options = {"timeout": timeout, "max_retries": 0}
    if provider in OPENAI_CLASSES:
        # LangChain's time-out for a chunk is asyncio.wait_for: in Python 3.11 it may swallow a cancellation that meets
        # a chunk, and nothing ends the call. Ours holds for all (ragchat.answering.writing.calls.upstream).
        options |= {"stream_usage": True, "stream_chunk_timeout": 0}
    return options
