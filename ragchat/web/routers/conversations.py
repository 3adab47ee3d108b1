"""Conversations: begin, list, read, rename, clear, delete."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.status import HTTP_201_CREATED, HTTP_204_NO_CONTENT

from ragchat.conversations import Conversation, ConversationPage
from ragchat.web.dependencies import ServiceOf
from ragchat.web.problems import documented
from ragchat.web.requests import Identifier, NewConversation, Rename, UserId
from ragchat.web.responses import ConversationReply, MessagesReply
from ragchat.web.service import Service

router = APIRouter(
    prefix="/conversations", tags=["conversations"], responses=documented(400, 404, 413, 422, 503)
)

ConversationId = Annotated[Identifier, Path()]
Limit = Annotated[int, Query(ge=1, le=200)]
After = Annotated[int, Query(ge=-1, le=2**31 - 1)]


@router.post("", status_code=HTTP_201_CREATED, responses=documented(409))
async def create(service: ServiceOf, body: NewConversation | None = None) -> Conversation:
    """Begin a conversation. Asking without a `conversation_id` begins one too."""
    wanted = body or NewConversation()
    return await service.conversations.create(
        conversation_id=wanted.id, user_id=wanted.user_id, title=wanted.title
    )


@router.get("")
async def list_conversations(
    service: ServiceOf,
    limit: Limit = 50,
    cursor: Annotated[str | None, Query(max_length=300)] = None,
    user_id: Annotated[UserId | None, Query()] = None,
) -> ConversationPage:
    """Conversations, most recently used first."""
    return await service.conversations.list(user_id=user_id, limit=limit, cursor=cursor)


@router.get("/{conversation_id}")
async def read(
    conversation_id: ConversationId, service: ServiceOf, after: After = -1, limit: Limit = 200
) -> ConversationReply:
    """A conversation with its messages; answers keep their sources and citations."""
    conversation = await service.conversations.get(conversation_id)
    page = await _messages(service, conversation_id, after, limit)
    return ConversationReply(conversation=conversation, messages=page.messages, next_after=page.next_after)


@router.patch("/{conversation_id}")
async def rename(conversation_id: ConversationId, body: Rename, service: ServiceOf) -> Conversation:
    """Give a conversation another title."""
    return await service.conversations.rename(conversation_id, body.title)


@router.delete("/{conversation_id}", status_code=HTTP_204_NO_CONTENT)
async def delete(conversation_id: ConversationId, service: ServiceOf) -> None:
    """Delete a conversation and every message of it."""
    await service.conversations.delete(conversation_id)


@router.get("/{conversation_id}/messages")
async def messages(
    conversation_id: ConversationId, service: ServiceOf, after: After = -1, limit: Limit = 200
) -> MessagesReply:
    """The messages of a conversation, in order, above position `after`."""
    return await _messages(service, conversation_id, after, limit)


@router.delete("/{conversation_id}/messages", status_code=HTTP_204_NO_CONTENT)
async def clear(conversation_id: ConversationId, service: ServiceOf) -> None:
    """Delete every message; the conversation stays."""
    await service.conversations.clear(conversation_id)


async def _messages(service: Service, conversation_id: str, after: int, limit: int) -> MessagesReply:
    found = list(await service.conversations.messages(conversation_id, after=after, limit=limit + 1))
    more = len(found) > limit
    return MessagesReply(messages=found[:limit], next_after=found[limit - 1].position if more else None)
