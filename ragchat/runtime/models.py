"""The models that the settings name, each loaded once and only when first used."""

import os
import threading
from typing import TYPE_CHECKING

from ragchat.answering.moderating.secrets import redacted
from ragchat.errors import RagchatError, UsageError
from ragchat.models.embedder import Embedder, EmbedderSpec
from ragchat.models.loading import load_chat_model, load_embedder
from ragchat.models.reranker import NONE, load_reranker
from ragchat.settings import Settings

if TYPE_CHECKING:
    from langchain_core.language_models.chat_models import BaseChatModel

    from ragchat.answering.writing.calls.judging import Judge
    from ragchat.models.reranker import Reranker

EXTRACTIVE = "extractive"
HERE = "local:"
"""How the names of models begin that run in this process."""


class Models:
    """Loaded models by name; thread-safe."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._embedder: Embedder | None = None
        self._chat: dict[str, BaseChatModel] = {}
        self._reranker: Reranker | None = None
        self._lock = threading.Lock()
        self.problem: RagchatError | None = None
        """Why the chat model could not be loaded when it was last wanted: a missing key, package or name."""

    @property
    def at_once(self) -> int:
        """Searches worked on at the same time. More than there are processors would only take them from the answers
        that are being read, except where a search waits for a service elsewhere."""
        most = self.settings.max_concurrent
        here = self.settings.embeddings.startswith(HERE) and self.settings.reranker.startswith((HERE, NONE))
        return min(most, len(os.sched_getaffinity(0)) + 1) if here else most

    def embedder(self) -> Embedder:
        """The embedder of the settings. NotReady or UpstreamFailed when it cannot be had."""
        with self._lock:
            if self._embedder is None:
                self._embedder = load_embedder(
                    self.settings.embeddings,
                    threads=self.settings.threads or None,
                    base_url=self.settings.openai_base_url,
                    api_key=self.settings.openai_api_key,
                )
            return self._embedder

    def embedder_spec(self) -> EmbedderSpec:
        return self.embedder().spec

    def served_name(self, name: str | None = None) -> str:
        """`name` as the settings have it: the provider may be left out; None: the model of the settings."""
        configured = self.settings.chat_model
        return configured if name in (None, configured.partition(":")[2]) else name

    def chat_model(self, name: str | None = None) -> "BaseChatModel | None":
        """The chat model to answer with, None for the extractive answerer.

        A request may choose the extractive answerer or the configured model, nothing else: the operator decides who
        sees the documents. UsageError for another name.
        """
        wanted = self.served_name(name)
        if wanted == EXTRACTIVE:
            return None
        if wanted != self.settings.chat_model:
            served = " or ".join(dict.fromkeys([repr(self.settings.chat_model), repr(EXTRACTIVE)]))
            raise UsageError(
                f"The model {wanted!r} is not served here.",
                hint=f"Use {served}, or set RAGCHAT_CHAT_MODEL.",
                code="model_not_served",
            )
        with self._lock:
            if wanted not in self._chat:
                self._chat[wanted] = self._loaded(wanted)
            return self._chat[wanted]

    def judge(self) -> "Judge | None":
        """Who says which messages are not answered; None where nobody is to. UsageError, NotReady."""
        name = self.settings.moderation_model
        if not name:
            return None
        from ragchat.answering.writing.calls.judging import Judge  # langchain: 200 ms

        with self._lock:
            if name not in self._chat:
                self._chat[name] = self._loaded(name)
            return Judge(self._chat[name], name, self.settings.moderation_rule)

    def _loaded(self, name: str) -> "BaseChatModel":
        try:
            model = load_chat_model(
                name,
                timeout=self.settings.upstream_timeout,
                base_url=self.settings.openai_base_url,
                api_key=self.settings.openai_api_key,
            )
        except RagchatError as problem:
            self.problem = problem
            raise
        self.problem = None
        return model

    def reranker(self) -> "Reranker | None":
        """The reranker of the settings, None for "none". UsageError, NotReady."""
        name = self.settings.reranker
        if name == NONE:
            return None
        model = self.chat_model() if name == "llm" else None
        with self._lock:
            if self._reranker is None:
                self._reranker = load_reranker(name, model, redacted, threads=self.settings.threads or None)
            return self._reranker
