"""A whole conversation as text that people keep: JSON with everything that is stored, Markdown to be read."""

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import TypeAdapter

from ragchat.conversations.contract import ConversationStore
from ragchat.conversations.values import Conversation, StoredMessage

PAGE = 200
_SPEAKERS = {"user": "Question", "assistant": "Answer"}


async def everything(
    store: ConversationStore, conversation_id: str
) -> tuple[Conversation, list[StoredMessage]]:
    """The conversation and all of its messages, in order. NotFound."""
    conversation = await store.get(conversation_id)
    messages: list[StoredMessage] = []
    while page := await store.messages(
        conversation_id, after=messages[-1].position if messages else -1, limit=PAGE
    ):
        messages += page
    return conversation, messages


def exported(
    conversation: Conversation, messages: Sequence[StoredMessage], form: Literal["json", "markdown"]
) -> str:
    """The file's text, line break at the end included."""
    if form == "markdown":
        return markdown(conversation, messages)
    both: TypeAdapter[Any] = TypeAdapter(dict[str, Conversation | list[StoredMessage]])
    whole = {"conversation": conversation, "messages": list(messages)}
    return both.dump_json(whole, indent=2).decode() + "\n"


def markdown(conversation: Conversation, messages: Sequence[StoredMessage]) -> str:
    """A heading for each message, the sources of an answer below it."""
    parts = [f"# {conversation.title or 'Conversation'}"]
    for message in messages:
        note = "" if message.status == "complete" else f", {message.status}"
        parts.append(f"## {_SPEAKERS[message.role]} ({message.created:%Y-%m-%d %H:%M} UTC{note})")
        if message.content:
            parts.append(message.content)
        if sources := _sources(message):
            parts.append("\n".join(sources))
    return "\n\n".join(parts) + "\n"


def _sources(message: StoredMessage) -> list[str]:
    cited = {citation.n: citation for citation in reversed(message.citations)}
    return [
        f"- [{n}] {citation.document.title or citation.document.uri}"
        f"{f', p. {citation.span.page}' if citation.span.page is not None else ''}:"
        f" “{' '.join(citation.quote.split())}”"
        for n, citation in sorted(cited.items())
    ]
