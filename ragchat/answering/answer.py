"""The one answering flow: moderate, understand, search, decide, write, check, as typed events.

Faces only encode what comes out here. The flow records nothing; closing the generator at any point ends its work
and its upstream call. An answer costs its snapshot three calls (find, idf, read), a follow-up four.
"""

import logging
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, assert_never

from ragchat.answering.deciding import Decision, decided, sure_unread
from ragchat.answering.events import Error, Event, Sources, Start, Step
from ragchat.answering.moderating.secrets import redacted
from ragchat.answering.moderating.words import Moderation
from ragchat.answering.question.question import Question, leans_back, reworded, understood
from ragchat.answering.question.smalltalk import reply_to
from ragchat.answering.quoting.saying import nearest_quotes, said_quotes
from ragchat.answering.refusing.refusal import refusal
from ragchat.answering.reply import Reply
from ragchat.answering.request import AnswerOptions, Turn
from ragchat.answering.sources import Found, found_of
from ragchat.answering.working import Workers, in_thread
from ragchat.errors import RagchatError, UpstreamFailed
from ragchat.retrieval.search import Retriever, SearchOptions

if TYPE_CHECKING:
    from langchain_core.language_models.chat_models import BaseChatModel
    from langchain_core.messages import BaseMessage
    from langchain_core.tools import BaseTool

    from ragchat.answering.writing.calls.before import Kept
    from ragchat.answering.writing.calls.judging import Judge
    from ragchat.answering.writing.calls.upstream import Delta, Streamed
    from ragchat.answering.writing.ending import Nearest

__all__ = ["AnswerOptions", "Answerer", "Turn", "load_writing"]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Answerer:
    """Answers from one generation. Cheap to make; one serves any number of answers at once.

    `model` None is the extractive answerer. `deadline` is the seconds that a model may take for one answer, retries
    included; `workers` bound the threads that it works on; `tools` are an agent's beside its search.
    `prompts` keep what the model said, where that may be said again.
    `judge` says which messages are not answered; with `again` an answer that holds a blocked word is asked for once
    more, and none is shown before it is whole.
    """

    retriever: Retriever
    model: "BaseChatModel | None" = None
    model_name: str = "extractive"
    workers: Workers = field(default_factory=Workers)
    deadline: float = 60.0
    moderation: Moderation = field(default_factory=Moderation)
    tools: "Sequence[BaseTool]" = ()
    judge: "Judge | None" = None
    again: bool = False
    prompts: "Kept | None" = None

    async def answer(
        self, message: str, history: Sequence[Turn], options: AnswerOptions
    ) -> AsyncGenerator[Event, None]:
        """The events of one answer, exactly one of them terminal. Raises nothing once `start` is out.

        Before it: UsageError for agent mode where the model cannot call tools.
        """
        if options.mode == "agent":
            self._require_tools()
        snapshot = self.retriever.snapshot
        yield Start(options.message_id, options.conversation_id, self.model_name, snapshot.number)
        try:
            async with aclosing(self._flow(message, history, options)) as events:
                async for event in events:
                    yield event
        except RagchatError as error:
            retryable = isinstance(error, UpstreamFailed) and error.retryable
            yield Error(error.code, str(error), retryable)
        except Exception:  # the boundary: a stream that has begun ends with one terminal event
            log.exception("answer %s failed", options.message_id)
            yield Error("internal", "Something went wrong on our side. Please try again.", retryable=True)

    def sureness(
        self, message: str, history: Sequence[Turn] = (), options: SearchOptions | None = None
    ) -> float:
        """How sure it is, in [0, 1], that the corpus holds the answer; synchronous, as `ragchat eval` needs it."""
        question = understood(message, history, self.retriever.snapshot)
        found = found_of(question, self.retriever, options or SearchOptions())
        return self._decided(question, found, with_model=False).sure

    async def _flow(
        self, message: str, history: Sequence[Turn], options: AnswerOptions
    ) -> AsyncGenerator[Event, None]:
        reply = Reply()
        screened = self.moderation.screen(message)
        if screened.flagged:
            yield Step("moderation", "finished", f"flagged: {', '.join(screened.flagged)}")
        if screened.blocked:
            for event in _blocked(reply):
                yield event
            return
        if (friendly := reply_to(screened.text, self.retriever.snapshot.language)) is not None:
            yield reply.say(friendly)
            yield reply.done("answered")
            return
        if self.judge is not None and await self.judge.blocks(screened.text, reply):
            for event in _blocked(reply):
                yield event
            return
        history = [replace(turn, content=redacted(turn.content)) for turn in history]
        if options.mode == "agent":
            events = self._researching(screened.text, history, options, reply)
        else:
            events = self._answering(screened.text, history, options, reply)
        async with aclosing(events):
            async for event in events:
                yield event

    async def _answering(
        self, message: str, history: Sequence[Turn], options: AnswerOptions, reply: Reply
    ) -> AsyncGenerator[Event, None]:
        """One search, then quotes or a model's words."""
        leans = leans_back(message, history, self.retriever.snapshot.language)
        if leans:
            yield Step("rewrite", "started")
        with reply.timed("rewrite"):
            question = await self._understood(message, history if leans else (), reply)
        if leans:
            yield Step("rewrite", "finished", question.wording)
        yield Step("search", "started")
        with reply.timed("retrieve"):
            wanted = SearchOptions(top_k=options.top_k, filters=options.filters)
            enough = partial(sure_unread, question) if self.model is not None else None
            found = await in_thread(
                lambda: found_of(question, self.retriever, wanted, enough), self.workers.beginning
            )
        yield Step("search", "finished", f"{len(found.sources)} passages")
        with reply.timed("decide"):
            with_model = self.model is not None
            decision = await in_thread(
                lambda: self._decided(question, found, with_model=with_model), self.workers.beginning
            )
        found = found.for_model() if self.model is not None else found.quoted_first(decision.quoted)
        yield Sources(found.sources)
        events = self._written(question, history, options, found, decision, reply)
        async with aclosing(events):
            async for event in events:
                yield event

    def _decided(self, question: Question, found: Found, *, with_model: bool) -> Decision:
        settings = self.retriever.snapshot.settings
        return decided(question, found, settings, self.retriever.reranker, with_model=with_model)

    async def _understood(self, message: str, history: Sequence[Turn], reply: Reply) -> Question:
        """The question in words that can be searched for; a model's where there is one."""
        snapshot = self.retriever.snapshot
        if self.model is None or not history:
            return await in_thread(lambda: understood(message, history, snapshot), self.workers.beginning)
        from ragchat.answering.writing.calls.rewriting import stand_alone  # only with a model

        reply.called_model()
        wording = await stand_alone(
            self.model, self.model_name, message, history, self.deadline, snapshot.language
        )
        if wording is None:
            return await in_thread(lambda: understood(message, history, snapshot), self.workers.beginning)
        return reworded(understood(message, (), snapshot), redacted(wording))

    async def _written(
        self,
        question: Question,
        history: Sequence[Turn],
        options: AnswerOptions,
        found: Found,
        decision: Decision,
        reply: Reply,
    ) -> AsyncGenerator[Event, None]:
        match decision.outcome:
            case "answered" if self.model is not None:
                events = self._writing(self.model, question, history, options, found, decision, reply)
                async with aclosing(events):
                    async for event in events:
                        yield event
            case "answered":
                with reply.timed("generate"):
                    for event in said_quotes(decision, found, reply):
                        yield event
            case "nearest":
                for event in nearest_quotes(decision, found, reply):
                    yield event
            case "refused":
                refused = refusal(decision.reason, found.sources, decision.missing)
                yield reply.say(refused.message)
                yield reply.done("refused", refused)
            case _:
                assert_never(decision.outcome)

    @property
    def _twice(self) -> bool:
        return self.again and self.moderation.blocks

    def _require_tools(self) -> "BaseChatModel":
        from ragchat.answering.writing.agent import require_tools  # only with a model

        return require_tools(self.model, self.model_name)

    async def _researching(
        self, message: str, history: Sequence[Turn], options: AnswerOptions, reply: Reply
    ) -> AsyncGenerator[Event, None]:
        """As many searches as the model asks for, then its words."""
        from ragchat.answering.writing.agent import Agent  # only with a model

        agent = Agent(
            self._require_tools(),
            self.model_name,
            self.retriever,
            self.workers,
            self.deadline,
            self.moderation,
            self.tools,
        )
        with reply.timed("generate"):
            async with aclosing(agent.researched(message, history, options, reply)) as events:
                async for event in events:
                    yield event

    async def _writing(
        self,
        model: "BaseChatModel",
        question: Question,
        history: Sequence[Turn],
        options: AnswerOptions,
        found: Found,
        decision: Decision,
        reply: Reply,
    ) -> AsyncGenerator[Event, None]:
        """The model's answer, each sentence checked against what it cites."""
        from ragchat.answering.grounding.grounder import Grounder  # only with a model
        from ragchat.answering.writing.calls.again import unblocked  # only with a model
        from ragchat.answering.writing.calls.before import as_before  # only with a model
        from ragchat.answering.writing.calls.upstream import streamed  # only with a model
        from ragchat.answering.writing.llm import Material, written  # only with a model
        from ragchat.answering.writing.prompt import answer_prompt, dates_of  # only with a model

        dates = dates_of(dict(enumerate(found.passages, 1)))
        prompt = answer_prompt(question, found.sources, history, options, dates)
        material = Material.of(found, prompt.numbers)
        embedder, reader = self.retriever.embedder, self.retriever.reranker
        grounder = Grounder(embedder, question.language, found.rarity, self.workers.checking, reader)
        called = model.bind(**options.parameters) if options.parameters else model

        def asked_anew(messages: "Sequence[BaseMessage]") -> "AsyncGenerator[Delta, None]":
            return streamed(
                called, messages, name=self.model_name, deadline=self.deadline, called=reply.called_model
            )

        said: Streamed = asked_anew
        if self.prompts is not None:
            with_what = (self.model_name, dict(options.parameters), options.tenant)
            said = as_before(asked_anew, self.prompts, *with_what, fence=prompt.fence, fresh=options.fresh)
        with reply.timed("generate"):
            asked = prompt.messages
            deltas = unblocked(said, asked, self.moderation) if self._twice else said(asked)
            answer = written(
                deltas,
                material,
                grounder,
                options.grounding,
                reply,
                self.moderation,
                _nearest(decision, found),
            )
            async with aclosing(deltas), aclosing(answer) as events:
                async for event in events:
                    yield event


def load_writing() -> None:
    """Import what only answers by a model need: a third of a second, which the first of them would wait for."""
    for module in (
        "grounding.grounder",
        "writing.calls.again",
        "writing.calls.before",
        "writing.calls.upstream",
        "writing.llm",
        "writing.prompt",
    ):
        import_module(f"ragchat.answering.{module}")


def _blocked(reply: Reply) -> Iterator[Event]:
    """The end of an answer that is not to be given."""
    blocked = refusal("blocked")
    yield reply.say(blocked.message)
    yield reply.done("blocked", blocked)


def _nearest(decision: Decision, found: Found) -> "Nearest | None":
    """What is shown where a model finds no answer in what was found: the best quotes, said to be no certain answer."""
    known = {passage.document.id for passage in found.passages}
    near = tuple(
        candidate
        for candidate in (decision.near or ((decision.best,) if decision.best is not None else ()))
        if all(piece.window.document.id in known for piece in candidate.pieces)
    )
    if not near:
        return None
    unsure = replace(decision, outcome="nearest", near=near, reason="nearest")
    return lambda reply: nearest_quotes(unsure, found, reply)
