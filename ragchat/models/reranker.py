"""Second readers: models that read question and text side by side. The Protocol, and which module answers for which
name; implementations are imported only when asked for.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, Protocol

from ragchat.errors import UsageError

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

LOCAL: Final = "local:minilm-l12"
NONE: Final = "none"


class Reranker(Protocol):
    """Relevance of texts to a query; higher is better, any scale. Thread-safe. Raises UpstreamFailed, NotReady."""

    @property
    def name(self) -> str: ...

    def scores(self, query: str, texts: Sequence[str]) -> Sequence[float]:
        """One number for each text, in their order."""
        ...


def load_reranker(
    name: str,
    chat_model: "BaseChatModel | None" = None,
    clean: Callable[[str], str] = str,
    *,
    threads: int | None = None,
) -> Reranker:
    """`local:minilm-l12`, `fastembed:<model>`, or `llm` for `chat_model`, which is sent what `clean` leaves of question
    and passages.

    Raises UsageError for another name and for `llm` without a model, NotReady when the package or model is missing.
    """
    kind, _, model = name.partition(":")
    if name == LOCAL:
        from ragchat.models.cross_encoder import CrossEncoder  # onnxruntime: only where it is set

        return CrossEncoder(threads=threads)
    if kind == "fastembed" and model:
        from ragchat.models.other_rerankers import FastEmbedReranker  # only where it is set

        return FastEmbedReranker(model)
    if name != "llm":
        raise UsageError(
            f"There is no reranker {name!r}.",
            hint=f"Known: {LOCAL}, llm, fastembed:<model> (such as Xenova/ms-marco-MiniLM-L-6-v2), and {NONE}.",
        )
    if chat_model is None:
        raise UsageError(
            "The reranker 'llm' needs a chat model.", hint="Set RAGCHAT_CHAT_MODEL to provider:model."
        )
    from ragchat.models.other_rerankers import ChatModelReranker  # only where it is set

    return ChatModelReranker(chat_model, clean)
