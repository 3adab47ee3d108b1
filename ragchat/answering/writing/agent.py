"""Agent mode: a model that searches several times before it answers (LangChain `create_agent`, on LangGraph).

Its tool is `search_corpus`, bound to the generation and filters of the request, beside those that the operator chose
(ragchat.runtime.agent_tools), whose results are never sources; limits and retries are those of
ragchat.answering.writing.agent_graph. What it finds is numbered on from call to call, and its last message goes through
the same filters and checks as any model's answer, once it is complete: until then it may still turn into a search.
"""

import secrets
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, cast

from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import AIMessage, HumanMessage, ToolCall, ToolMessage

from ragchat.answering.events import Event, Source, Sources, Step, Usage
from ragchat.answering.grounding.grounder import Grounder
from ragchat.answering.moderating.secrets import redacted
from ragchat.answering.moderating.words import Moderation
from ragchat.answering.question.question import understood
from ragchat.answering.refusing.refusal import refusal
from ragchat.answering.reply import Reply
from ragchat.answering.request import AnswerOptions, Turn
from ragchat.answering.sources import Found, found_of
from ragchat.answering.working import Workers, in_thread
from ragchat.answering.writing.agent_graph import MOST_SEARCHES, SEARCH, conversation
from ragchat.answering.writing.calls.thinking import Thinking
from ragchat.answering.writing.calls.upstream import Delta, finish_of
from ragchat.answering.writing.llm import Material, written
from ragchat.answering.writing.prompt import agent_rules, dates_of, fenced, past_messages, render
from ragchat.errors import UpstreamFailed, UsageError
from ragchat.retrieval.scoring.rarity import Rarity
from ragchat.retrieval.search import Retriever, SearchOptions

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage
    from langchain_core.tools import BaseTool

MOST_SOURCES: Final = 24
NOTHING_SAID: Final = Delta(finish="stop")
NOTHING_NEW: Final = "Nothing further was found."


def require_tools(model: "BaseChatModel | None", name: str) -> "BaseChatModel":
    """The model, if it can be given tools. Raises UsageError (code "agent_needs_tools")."""
    if model is None or type(model).bind_tools is BaseChatModel.bind_tools:
        raise UsageError(
            f"Agent mode needs a chat model that can call tools, and {name!r} cannot.",
            hint='Set RAGCHAT_CHAT_MODEL to one, or ask with mode "chat".',
            code="agent_needs_tools",
        )
    return model


@dataclass(slots=True)
class Findings:
    """Everything found so far, numbered; searches filter as the request asks."""

    retriever: Retriever
    options: SearchOptions
    fence: str
    workers: Workers
    material: Material = field(default_factory=Material)
    known: dict[str, float] = field(default_factory=dict)
    told: int = 0
    searched: bool = False

    async def look_up(self, query: str) -> str:
        """The tool: what is found for `query`, as data; what was found before keeps its number."""
        self.searched = True
        found = await in_thread(lambda: self._found(redacted(query)), self.workers.beginning)
        self.known.update(found.rarity.known)
        listed = [
            source
            for one, passage in zip(found.sources, found.passages, strict=True)
            if (source := self._numbered(one, found, passage.whole.start)) is not None
        ]
        return fenced(listed, self.fence, dates_of(self.material.passages)) if listed else NOTHING_NEW

    def _found(self, query: str) -> Found:
        question = understood(query, (), self.retriever.snapshot)
        return found_of(question, self.retriever, self.options).for_model()

    def _numbered(self, source: Source, found: Found, start: int) -> Source | None:
        for known in self.material.sources.values():
            if (known.document_id, known.start, known.end) == (source.document_id, source.start, source.end):
                return known
        if len(self.material.sources) == MOST_SOURCES:
            return None
        passage = found.passages[source.n - 1]
        numbered = replace(source, n=len(self.material.sources) + 1)
        self.material.add(numbered, passage, found.window(passage.document.id, passage.whole))
        return numbered

    def news(self) -> Sources | None:
        """The sources that were not announced yet."""
        every = list(self.material.sources.values())
        new, self.told = tuple(every[self.told :]), len(every)
        return Sources(new) if new else None


@dataclass(frozen=True, slots=True)
class Agent:
    """A model that can call tools, over one generation."""

    model: "BaseChatModel"
    name: str
    retriever: Retriever
    workers: Workers
    deadline: float
    moderation: Moderation
    tools: "Sequence[BaseTool]" = ()

    async def researched(
        self, question: str, history: Sequence[Turn], options: AnswerOptions, reply: Reply
    ) -> AsyncGenerator[Event, None]:
        """The events of an agent's answer, the terminal one included. Raises UpstreamFailed before the first words."""
        wanted = SearchOptions(top_k=options.top_k, filters=options.filters)
        findings = Findings(self.retriever, wanted, f"====={secrets.token_hex(8)}", self.workers)
        asked: list[BaseMessage] = [*past_messages(history), HumanMessage(question)]
        rules = agent_rules(options, findings.fence, MOST_SEARCHES)
        research = _Research(self, findings, rules, time.monotonic() + self.deadline, options, reply)
        async with aclosing(research.of(asked)) as events:
            async for event in events:
                yield event
        if not findings.searched:  # an answer from memory is none: it is asked once more
            again = [*asked, AIMessage(research.last.text or "…"), HumanMessage(render("agent_again"))]
            async with aclosing(research.of(again)) as events:
                async for event in events:
                    yield event
        if not findings.material.sources:
            refused = refusal("no_match")
            yield reply.say(refused.message)
            yield reply.done("refused", refused)
            return
        snapshot = self.retriever.snapshot
        grounder = Grounder(
            self.retriever.embedder,
            snapshot.language,
            _rarity(findings.known),
            self.workers.checking,
            self.retriever.reranker,
        )
        deltas = _one(research.last)
        answer = written(deltas, findings.material, grounder, options.grounding, reply, self.moderation)
        async with aclosing(answer) as events:
            async for event in events:
                yield event


@dataclass(slots=True)
class _Research:
    """The conversation between model and search; `last` is what the model said at its end."""

    agent: Agent
    findings: Findings
    rules: str
    until: float
    options: AnswerOptions
    reply: Reply
    last: Delta = NOTHING_SAID

    async def of(self, asked: "Sequence[BaseMessage]") -> AsyncGenerator[Event, None]:
        """Steps and sources as they come. Raises UpstreamFailed."""
        agent, findings = self.agent, self.findings
        look_up, parameters = findings.look_up, self.options.parameters
        steps = conversation(
            agent.model, agent.name, self.rules, asked, look_up, self.until, parameters, agent.tools
        )
        async with aclosing(steps):
            async for message in steps:
                if message.type == "tool":
                    yield Step("tool", "finished", self._finished(cast(ToolMessage, message)))
                    if news := findings.news():
                        yield news
                    continue
                said = cast(AIMessage, message)
                _count(self.reply, said)
                _require_calls_that_can_be_read(agent.name, said)
                for call in said.tool_calls:
                    yield Step("tool", "started", _called(call))
                self.last = (
                    NOTHING_SAID if said.tool_calls else Delta(_thoughtless(str(said.text)), finish_of(said))
                )

    def _finished(self, message: ToolMessage) -> str:
        if message.name == SEARCH:
            return f"{len(self.findings.material.sources)} passages so far"
        return f"{message.name}: failed" if message.status == "error" else str(message.name)


def _called(call: ToolCall) -> str:
    """What is looked for; of another tool its name and what it is given."""
    arguments = call["args"]
    said = str(arguments.get("query", "")) if call["name"] == SEARCH else f"{call['name']}: {arguments}"
    return redacted(said)[:200]


def _require_calls_that_can_be_read(name: str, said: AIMessage) -> None:
    """Raises UpstreamFailed: what cannot be read is no refusal."""
    if said.invalid_tool_calls and not said.tool_calls:
        raise UpstreamFailed(
            f"{name} asked for a search in a form that cannot be read.",
            hint='Try again, ask with mode "chat", or choose another model.',
            code="tool_call_unreadable",
        )


def _thoughtless(text: str) -> str:
    thinking = Thinking()
    return thinking.feed(text) + thinking.flush()


def _rarity(known: Mapping[str, float]) -> Rarity:
    """Of the words of all searches together."""
    values = list(known.values()) or [1.0]
    return Rarity(known, sum(values) / len(values), max(values))


async def _one(delta: Delta) -> AsyncGenerator[Delta, None]:
    yield delta


def _count(reply: Reply, message: AIMessage) -> None:
    reply.called_model()
    if usage := message.usage_metadata:
        reply.usage = Usage(
            reply.usage.input_tokens + usage["input_tokens"],
            reply.usage.output_tokens + usage["output_tokens"],
        )
