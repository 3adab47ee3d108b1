"""Agent mode: a model that searches several times before it answers (LangChain `create_agent`, on LangGraph).

Its only tool is `search_corpus`, bound to the generation and filters of the request; calls are limited. What it finds
is numbered on from call to call, and its last message goes through the same filters and checks as any model's answer.
That message is passed on when it is complete: until then it may still turn into another search.
"""

import asyncio
import secrets
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from ragchat.answering.events import Event, Source, Sources, Step, Usage
from ragchat.answering.grounding import Grounder
from ragchat.answering.llm import Material, written
from ragchat.answering.moderation import redacted
from ragchat.answering.prompt import agent_rules, fenced, past_messages
from ragchat.answering.reply import Reply
from ragchat.answering.request import AnswerOptions, Turn
from ragchat.answering.searching import Corpus, in_thread, source_of
from ragchat.answering.upstream import Delta
from ragchat.errors import RagchatError, UsageError
from ragchat.retrieval.search import RetrievedPassage

if TYPE_CHECKING:
    from anyio import CapacityLimiter
    from langchain_core.language_models.chat_models import BaseChatModel
    from langchain_core.messages import AIMessage, BaseMessage

MOST_SEARCHES = 6
MOST_SOURCES = 24
NOTHING_NEW = "Nothing further was found."

Search = Callable[[str], Sequence[RetrievedPassage]]


@dataclass(slots=True)
class Findings:
    """Everything found so far, numbered; `search` is synchronous and filters as the request asks."""

    search: Search
    fence: str
    limiter: "CapacityLimiter | None"
    sources: list[Source] = field(default_factory=list)
    passages: list[RetrievedPassage] = field(default_factory=list)
    told: int = 0

    async def look_up(self, query: str) -> str:
        """The tool: what is found for `query`, as data; what was found before keeps its number."""
        found = await in_thread(lambda: self.search(query), self.limiter)
        shown = [self._numbered(passage) for passage in found]
        listed = [source for source in shown if source is not None]
        return fenced(listed, self.fence) if listed else NOTHING_NEW

    def _numbered(self, passage: RetrievedPassage) -> Source | None:
        for source in self.sources:
            if (source.document_id, source.start, source.end) == (
                passage.document.id,
                passage.start,
                passage.end,
            ):
                return source
        if len(self.sources) == MOST_SOURCES:
            return None
        source = source_of(passage, len(self.sources) + 1)
        self.sources.append(source)
        self.passages.append(passage)
        return source

    def news(self) -> Sources | None:
        """The sources that were not announced yet."""
        new, self.told = tuple(self.sources[self.told :]), len(self.sources)
        return Sources(new) if new else None


async def researched(
    model: "BaseChatModel | None",
    name: str,
    question: str,
    history: Sequence[Turn],
    options: AnswerOptions,
    *,
    corpus: Corpus,
    grounder: Grounder,
    search: Search,
    limiter: "CapacityLimiter | None",
    deadline: float,
    reply: Reply,
) -> AsyncGenerator[Event, None]:
    """The events of an agent's answer, the terminal one included. Raises UsageError, UpstreamFailed."""
    findings = Findings(search, f"====={secrets.token_hex(8)}", limiter)
    last = ""
    messages = _messages(_tool_caller(model, name), question, history, options, findings, name, deadline)
    async with aclosing(messages) as steps:
        async for message in steps:
            if message.type == "tool":
                yield Step("tool", "finished", f"{len(findings.sources)} passages so far")
                if news := findings.news():
                    yield news
                continue
            said = cast("AIMessage", message)
            _count(reply, said)
            for call in said.tool_calls:
                yield Step("tool", "started", redacted(str(call["args"].get("query", "")))[:200])
            last = "" if said.tool_calls else str(said.text)
    material = Material.of(corpus, findings.sources, findings.passages)
    async with aclosing(written(_one(last), material, grounder, options.grounding, reply)) as events:
        async for event in events:
            yield event


async def _one(text: str) -> AsyncGenerator[Delta, None]:
    yield Delta(text, "stop")


def _count(reply: Reply, message: "AIMessage") -> None:
    if usage := message.usage_metadata:
        reply.usage = Usage(
            reply.usage.input_tokens + usage["input_tokens"],
            reply.usage.output_tokens + usage["output_tokens"],
        )


def _tool_caller(model: "BaseChatModel | None", name: str) -> "BaseChatModel":
    from langchain_core.language_models.chat_models import BaseChatModel

    if model is None or type(model).bind_tools is BaseChatModel.bind_tools:
        raise UsageError(
            f"Agent mode needs a chat model that can call tools, and {name!r} cannot.",
            hint='Set RAGCHAT_CHAT_MODEL to one, or ask with mode "chat".',
            code="agent_needs_tools",
        )
    return model


async def _messages(
    model: "BaseChatModel",
    question: str,
    history: Sequence[Turn],
    options: AnswerOptions,
    findings: Findings,
    name: str,
    deadline: float,
) -> AsyncGenerator["BaseMessage", None]:
    """The agent's messages as they are complete, within the deadline. Raises UpstreamFailed."""
    from langchain_core.messages import HumanMessage

    from ragchat.models.providers import upstream_failed

    asked = {"messages": [*past_messages(history), HumanMessage(question)]}
    agent = _agent(model, agent_rules(options, findings.fence, MOST_SEARCHES), findings)
    stream = cast("AsyncGenerator[dict[str, Any], None]", agent.astream(asked, stream_mode="updates"))
    until = time.monotonic() + deadline
    async with aclosing(stream):
        while True:
            try:
                async with asyncio.timeout(max(0.0, until - time.monotonic())):
                    update = await anext(stream, None)
            except RagchatError:
                raise
            except Exception as error:
                raise upstream_failed(name, error) from error
            if update is None:
                return
            for change in update.values():
                for message in (change or {}).get("messages", ()):
                    if message.type in ("ai", "tool"):
                        yield message


def _agent(model: "BaseChatModel", rules: str, findings: Findings) -> Any:
    """The graph: one model, one tool, both with limits."""
    from langchain.agents import create_agent
    from langchain.agents.middleware import AgentMiddleware, ModelCallLimitMiddleware, ToolCallLimitMiddleware
    from langchain_core.tools import StructuredTool

    async def search_corpus(query: str) -> str:
        """Search the documents of this collection; returns numbered sources."""
        return await findings.look_up(query)

    limits: list[AgentMiddleware[Any, Any, Any]] = [
        ToolCallLimitMiddleware(run_limit=MOST_SEARCHES),
        ModelCallLimitMiddleware(run_limit=MOST_SEARCHES + 2),
    ]
    tool = StructuredTool.from_function(coroutine=search_corpus, name="search_corpus")
    return create_agent(model, [tool], system_prompt=rules, middleware=limits)
