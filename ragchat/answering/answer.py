"""The one answering flow: moderate → rewrite a follow-up → search → decide → write → ground, as typed events.

Faces only encode what comes out here. The flow records nothing; closing the generator at any point ends its work
and its upstream call. How sentences are written is the business of ragchat.answering.extractive and .llm.
"""

import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from anyio import CapacityLimiter

from ragchat.answering.agent import require_tools, researched
from ragchat.answering.citations import Support, cite
from ragchat.answering.counting import only_listed
from ragchat.answering.events import (
    Error,
    Event,
    RefusalReason,
    Source,
    Sources,
    Start,
    Step,
)
from ragchat.answering.extractive import Candidate, candidates, chosen_among, extracts, support_of
from ragchat.answering.followup import FollowUp, follow_up, rewritten_by, stands_alone
from ragchat.answering.grounding import Grounder
from ragchat.answering.moderation import Moderation, redacted
from ragchat.answering.overlap import terms
from ragchat.answering.refusal import is_aggregate, reason_for, refusal, threshold_of
from ragchat.answering.reply import Reply
from ragchat.answering.request import AnswerOptions, Turn
from ragchat.answering.searching import Searcher, in_thread, source_of
from ragchat.answering.smalltalk import reply_to, without_courtesy
from ragchat.errors import RagchatError, UpstreamFailed
from ragchat.retrieval.search import RetrievedPassage, SearchOptions

if TYPE_CHECKING:
    from langchain_core.language_models.chat_models import BaseChatModel

__all__ = ["AnswerOptions", "Answerer", "Turn"]

MODEL_NEEDS = 0.6
"""Share of the threshold from which a model is asked: it can itself say that the sources do not answer."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Found:
    """What retrieval brought for one question, under the numbers by which it may be cited."""

    query: str
    passages: tuple[RetrievedPassage, ...]
    sources: tuple[Source, ...]
    best: tuple[Candidate, ...]

    @property
    def support(self) -> float:
        return support_of(self.best)


class Answerer:
    """Answers from one generation. Cheap to make; one serves any number of answers at once.

    `model` None is the extractive answerer. `deadline` is the seconds that a model may take for one answer, retries
    included; `limiter` bounds the worker threads that searches run on.
    """

    def __init__(
        self,
        *,
        retriever: Searcher,
        model: "BaseChatModel | None" = None,
        model_name: str = "extractive",
        limiter: CapacityLimiter | None = None,
        deadline: float = 60.0,
        moderation: Moderation | None = None,
    ) -> None:
        self.retriever = retriever
        self.corpus = retriever.generation
        self.model = model
        self.model_name = model_name
        self.limiter = limiter
        self.deadline = deadline
        self.moderation = moderation or Moderation()

    async def answer(
        self, question: str, history: Sequence[Turn], options: AnswerOptions
    ) -> AsyncGenerator[Event, None]:
        """The events of one answer, exactly one of them terminal. Raises nothing once `start` is out.

        Before it: UsageError for agent mode where the model cannot call tools.
        """
        if options.mode == "agent":
            require_tools(self.model, self.model_name)
        yield Start(options.message_id, options.conversation_id, self.model_name, self.corpus.number)
        try:
            async with aclosing(self._flow(question, history, options)) as events:
                async for event in events:
                    yield event
        except RagchatError as error:
            yield _failure(error)
        except Exception:  # the boundary: a stream that has begun ends with one terminal event
            log.exception("answer %s failed", options.message_id)
            yield Error("internal", "Something went wrong on our side. Please try again.", retryable=True)

    def support(
        self, question: str, history: Sequence[Turn] = (), options: SearchOptions | None = None
    ) -> float:
        """How sure the answerer is that the corpus holds the answer; synchronous, as `ragchat eval` needs it."""
        asked = self._leaning(without_courtesy(question), history)
        return self._find(asked, replace(options or SearchOptions(), trim=False)).support

    def _leaning(self, question: str, history: Sequence[Turn]) -> FollowUp:
        return follow_up(question, history, self.corpus.idf, self.corpus.language)

    async def _standalone(self, question: str, history: Sequence[Turn]) -> FollowUp:
        """The follow-up in words that can be searched for."""
        if self.model is not None:
            said = await rewritten_by(self.model, self.model_name, question, history, self.deadline)
            if said:
                return FollowUp(redacted(said))
        return self._leaning(question, history)

    async def _flow(
        self, question: str, history: Sequence[Turn], options: AnswerOptions
    ) -> AsyncGenerator[Event, None]:
        reply = Reply()
        screened = self.moderation.screen(question)
        if screened.flagged:
            yield Step("moderation", "finished", f"flagged: {', '.join(screened.flagged)}")
        if screened.blocked:
            blocked = refusal("blocked")
            yield reply.say(blocked.message)
            yield reply.done("blocked", blocked)
            return
        question = screened.text
        history = [replace(turn, content=redacted(turn.content)) for turn in history]
        if (friendly := reply_to(question)) is not None:
            yield reply.say(friendly)
            yield reply.done("answered")
            return
        question = without_courtesy(question)
        if options.mode == "agent":
            events = self._researching(question, history, options, reply)
        else:
            events = self._answering(question, history, options, reply)
        async with aclosing(events):
            async for event in events:
                yield event

    async def _answering(
        self, question: str, history: Sequence[Turn], options: AnswerOptions, reply: Reply
    ) -> AsyncGenerator[Event, None]:
        """One search, then quotes or a model's words."""
        asked = FollowUp(question)
        if not stands_alone(question, history):
            yield Step("rewrite", "started")
            with reply.timed("rewrite"):
                asked = await self._standalone(question, history)
            yield Step("rewrite", "finished", asked.wording)
        yield Step("search", "started")
        with reply.timed("retrieve"):
            wanted = SearchOptions(top_k=options.top_k, filters=options.filters, trim=False)
            found = await in_thread(lambda: self._find(asked, wanted), self.limiter)
        yield Step("search", "finished", f"{len(found.sources)} passages")
        yield Sources(found.sources)
        reason = self._refuse(question, found)
        if reason:
            events = self._refusing(reason, found, reply)
        elif self.model is None:
            events = self._quoting(found, reply)
        else:
            events = self._writing(self.model, question, history, options, found, reply)
        async with aclosing(events):
            async for event in events:
                yield event

    def _find(self, asked: FollowUp, options: SearchOptions) -> Found:
        passages = tuple(self.retriever.search(asked.question, replace(options, context=asked.context)))
        sources = tuple(source_of(passage, n) for n, passage in enumerate(passages, 1))
        best = tuple(candidates(asked.wording, passages, self.corpus))
        return Found(asked.wording, passages, sources, best)

    def _refuse(self, question: str, found: Found) -> RefusalReason | None:
        """Why there is no answer to this; None when there is one."""
        if not terms(found.query, self.corpus.language):
            return "ambiguous"
        if is_aggregate(question):
            return "aggregate"
        threshold = threshold_of(self.corpus.settings) * (1.0 if self.model is None else MODEL_NEEDS)
        if found.support < threshold:
            return reason_for(question, found.support, threshold)
        quoted = [candidate.text for candidate in chosen_among(found.best)]
        return "aggregate" if only_listed(question, quoted, self.corpus.language) else None

    async def _refusing(
        self, reason: RefusalReason, found: Found, reply: Reply
    ) -> AsyncGenerator[Event, None]:
        refused = refusal(reason, found.sources)
        yield reply.say(refused.message)
        yield reply.done("refused", refused)

    async def _quoting(self, found: Found, reply: Reply) -> AsyncGenerator[Event, None]:
        """The extractive answer: each quote is said, then cited."""
        with reply.timed("generate"):
            quotes = await in_thread(lambda: extracts(found.best, found.passages, self.corpus), self.limiter)
        strength = min(1.0, found.support)
        for quote in quotes:
            if reply.length:
                yield reply.say("\n" if "\n" in quote.text or reply.text.endswith("|") else " ")
            yield reply.say(quote.text)
            citation = cite(
                self.corpus,
                found.sources[quote.n - 1],
                quote.span,
                reply.last(len(quote.text)),
                Support(True, "extractive", strength),
            )
            for event in reply.ended_sentence([citation]):
                yield event
        yield reply.done("answered")

    async def _researching(
        self, question: str, history: Sequence[Turn], options: AnswerOptions, reply: Reply
    ) -> AsyncGenerator[Event, None]:
        """As many searches as the model asks for, then its words."""
        wanted = SearchOptions(top_k=options.top_k, filters=options.filters, trim=False)
        events = researched(
            require_tools(self.model, self.model_name),
            self.model_name,
            question,
            history,
            options,
            corpus=self.corpus,
            grounder=Grounder(self.corpus, self.retriever.embedder, self.limiter),
            search=lambda query: self.retriever.search(redacted(query), wanted),
            limiter=self.limiter,
            deadline=self.deadline,
            reply=reply,
            moderation=self.moderation,
        )
        with reply.timed("generate"):
            async with aclosing(events):
                async for event in events:
                    yield event

    async def _writing(
        self,
        model: "BaseChatModel",
        question: str,
        history: Sequence[Turn],
        options: AnswerOptions,
        found: Found,
        reply: Reply,
    ) -> AsyncGenerator[Event, None]:
        """The model's answer, each sentence checked against what it cites."""
        from ragchat.answering.llm import Material, written
        from ragchat.answering.prompt import answer_prompt
        from ragchat.answering.upstream import streamed

        prompt = answer_prompt(question, found.sources, history, options)
        shown = [source for source in found.sources if source.n in prompt.numbers]
        material = Material.of(self.corpus, shown, found.passages[: len(shown)])
        grounder = Grounder(self.corpus, self.retriever.embedder, self.limiter)
        with reply.timed("generate"):
            deltas = streamed(model, prompt.messages, name=self.model_name, deadline=self.deadline)
            async with (
                aclosing(deltas),
                aclosing(
                    written(deltas, material, grounder, options.grounding, reply, self.moderation)
                ) as events,
            ):
                async for event in events:
                    yield event


def _failure(error: RagchatError) -> Error:
    retryable = isinstance(error, UpstreamFailed) and error.retryable
    return Error(error.code, str(error), retryable)
