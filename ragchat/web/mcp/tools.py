"""The tools `search` and `ask` of one service, for models of others: words to read, and the same citations as data."""

from collections.abc import AsyncIterator, Callable
from typing import Annotated, Any

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import CallToolResult, TextContent, ToolAnnotations
from pydantic import BaseModel, Field

from ragchat import __version__
from ragchat.answering.events import Citation, Error, Event, Finish, Refusal
from ragchat.answering.moderating.secrets import redacted
from ragchat.errors import RagchatError
from ragchat.faces import text
from ragchat.faces.collect import collect
from ragchat.web.asking import Asking, ask
from ragchat.web.desk.caller import calling
from ragchat.web.guards.seeing import seen_by
from ragchat.web.live import Followed, LiveAnswers
from ragchat.web.problems import error_of, said
from ragchat.web.requests import Collection, Identifier, Message, TopK
from ragchat.web.responses import PassageReply, SearchReply
from ragchat.web.service import Service

INSTRUCTIONS = (
    "Answers questions from one company's documents, and from nothing else. `ask` gives an answer whose sentences are"
    " checked against the quotes that they cite, or says that the documents do not hold it; `search` gives passages."
)
_READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)
InCollection = Annotated[Collection | None, Field(description="Another collection than the server's.")]


class AskReply(BaseModel):
    """An answer: `finish` is "answered", "refused" (then `refusal` says why and what is nearest) or "blocked"."""

    response: str
    finish: Finish
    citations: tuple[Citation, ...]
    refusal: Refusal | None
    conversation_id: str
    message_id: str


def tool_server(service: Service, live: Callable[[], LiveAnswers], *, record: bool) -> MCPServer[Any]:
    """An MCP server with the two tools; `record` keeps what is asked in the conversations."""
    server: MCPServer[Any] = MCPServer(
        "ragchat", version=__version__, instructions=INSTRUCTIONS, log_level="WARNING"
    )

    @server.tool("search", title="Search the documents", annotations=_READS)
    async def search(
        query: Annotated[Message, Field(description="What to look for, in plain words.")],
        top_k: TopK = 5,
        collection: InCollection = None,
    ) -> Annotated[CallToolResult, SearchReply]:
        """Find passages of the documents; each with its document, place and score. Nothing is answered."""
        with told_to_models():
            seen = seen_by(service, calling().principal)
            passages = await seen.search(redacted(query), collection=collection, top_k=top_k)
        found = [PassageReply.of(passage, explain=False) for passage in passages]
        words = "\n\n".join(f"[{n}] {one.title}\n{one.text}" for n, one in enumerate(found, 1))
        reply = SearchReply(query=redacted(query), passages=found)
        return _result(words or "Nothing was found.", reply)

    @server.tool("ask", title="Ask the documents", annotations=_READS)
    async def ask_documents(
        question: Annotated[Message, Field(description="One question, as a person would ask it.")],
        collection: InCollection = None,
        conversation_id: Annotated[
            Identifier | None, Field(description="Goes on with a conversation.")
        ] = None,
    ) -> Annotated[CallToolResult, AskReply]:
        """Answer a question from the documents, with the quotes that every sentence rests on, or a refusal."""
        asking = Asking(question, conversation_id=conversation_id, collection=collection, record=record)
        with told_to_models():
            return await _answered(await ask(service, live(), asking))

    return server


class told_to_models:  # noqa: N801  # a context manager, read as a word
    """Expected failures become what the model is told; nothing else leaves a tool."""

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, RagchatError):
            raise ToolError(" ".join(said(error)).strip()) from error


async def _answered(answer: Followed) -> CallToolResult:
    words: list[str] = []
    written = text.Written()

    async def events() -> AsyncIterator[Event]:
        async for item in answer.follow():
            if item is not None:
                words.append(written.text_of(item[1]))
                yield item[1]

    with answer.followed():
        whole = await collect(events())
    if isinstance(whole.end, Error):
        raise error_of(whole.end)
    reply = AskReply(
        response=whole.end.response,
        finish=whole.end.finish,
        citations=whole.end.citations,
        refusal=whole.end.refusal,
        conversation_id=whole.end.conversation_id,
        message_id=answer.message_id,
    )
    return _result("".join(words).strip(), reply)


def _result(words: str, reply: BaseModel) -> CallToolResult:
    return CallToolResult(
        content=[TextContent(type="text", text=words)], structured_content=reply.model_dump(mode="json")
    )
