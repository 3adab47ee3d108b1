"""From a settings string to a model: which module answers for which name, imported only when asked for.

`local:minilm` is the embedder in the package; every other embedder is a LangChain `init_embeddings` name. Chat models
are LangChain `init_chat_model` names, or `scripted:…` for the shipped fake. `base_url` and `api_key` concern the
`openai:` names only; without them the provider's own environment variables hold.
"""

from typing import TYPE_CHECKING

from ragchat.models.embedder import Embedder

if TYPE_CHECKING:
    from langchain_core.language_models.chat_models import BaseChatModel
    from pydantic import SecretStr

LOCAL_MINILM = "local:minilm"


def load_embedder(
    name: str,
    *,
    threads: int | None = None,
    base_url: str | None = None,
    api_key: "SecretStr | None" = None,
) -> Embedder:
    """The embedder called `name`; `threads` bounds a local one.

    Raises UsageError (no such name), NotReady (no key, package or model file). A service is not called yet.
    """
    if name == LOCAL_MINILM:
        from ragchat.models.minilm import MiniLMEmbedder  # onnxruntime: not for other models

        return MiniLMEmbedder(threads=threads)
    from ragchat.models.langchain_embedder import LangChainEmbedder  # only for its models

    return LangChainEmbedder.named(name, base_url=base_url, api_key=api_key)


def load_chat_model(
    name: str,
    *,
    timeout: float = 60.0,
    base_url: str | None = None,
    api_key: "SecretStr | None" = None,
) -> "BaseChatModel":
    """The chat model called `name`; `timeout` is the longest silence in seconds.

    Raises UsageError (no such name), NotReady (no key or package).
    """
    from ragchat.models.chat import named_chat_model  # only with a model

    return named_chat_model(name, timeout=timeout, base_url=base_url, api_key=api_key)
