"""Agent mode: a model that searches several times before it answers (LangChain `create_agent`, on LangGraph).

Its only tool is `search_corpus`, bound to the generation and filters of the request; limits and retries are those of
ragchat.answering.agent_graph. What it finds is numbered on from call to call, and its last message goes through the
same filters and checks as any model's answer, once it is complete: until then it may still turn into a search.
"""

import secrets
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from ragchat.answering.agent_graph import MOST_SEARCHES, conversation
from ragchat.answering.events import Event, Source, Sources, Step, Usage
from ragchat.answering.grounding import Grounder
from ragchat.answering.llm import Material, written
from ragchat.answering.moderation import Moderation, redacted
from ragchat.answering.prompt import agent_rules, fenced, past_messages
from ragchat.answering.reply import Reply
from ragchat.answering.request import AnswerOptions, Turn
from ragchat.answering.searching import Corpus, in_thread, source_of
from ragchat.answering.upstream import Delta, finish_of
from ragchat.errors import UsageError
from ragchat.retrieval.search import RetrievedPassage

if TYPE_CHECKING:
    from anyio import CapacityLimiter
    from langchain_core.language_models.chat_models import BaseChatModel
    from langchain_core.messages import AIMessage

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


def require_tools(model: "BaseChatModel | None", name: str) -> "BaseChatModel":
    """The model, if it can be given tools. Raises UsageError (code "agent_needs_tools")."""
    from langchain_core.language_models.chat_models import BaseChatModel

    if model is None or type(model).bind_tools is BaseChatModel.bind_tools:
        raise UsageError(
            f"Agent mode needs a chat model that can call tools, and {name!r} cannot.",
            hint='Set RAGCHAT_CHAT_MODEL to one, or ask with mode "chat".',
            code="agent_needs_tools",
        )
    return model


async def researched(
    model: "BaseChatModel",
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
    moderation: Moderation,
) -> AsyncGenerator[Event, None]:
    """The events of an agent's answer, the terminal one included. Raises UpstreamFailed before the first words."""
    from langchain_core.messages import HumanMessage

    findings = Findings(search, f"====={secrets.token_hex(8)}", limiter)
    asked = [*past_messages(history), HumanMessage(question)]
    rules = agent_rules(options, findings.fence, MOST_SEARCHES)
    until = time.monotonic() + deadline
    last = Delta()
    async with aclosing(conversation(model, name, rules, asked, findings.look_up, until)) as steps:
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
            last = Delta() if said.tool_calls else Delta(str(said.text), finish_of(said))
    material = Material.of(corpus, findings.sources, findings.passages)
    async with aclosing(
        written(_one(last), material, grounder, options.grounding, reply, moderation)
    ) as events:
        async for event in events:
            yield event


async def _one(delta: Delta) -> AsyncGenerator[Delta, None]:
    yield delta


def _count(reply: Reply, message: "AIMessage") -> None:
    if usage := message.usage_metadata:
        reply.usage = Usage(
            reply.usage.input_tokens + usage["input_tokens"],
            reply.usage.output_tokens + usage["output_tokens"],
        )
