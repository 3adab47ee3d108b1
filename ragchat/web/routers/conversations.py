"""Conversations: begin, list, read, change, export, clear, delete.

Everything here sees the caller's own (ragchat.web.owning): what was begun under a `user_id` only under it.
"""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Response
from starlette.status import HTTP_201_CREATED, HTTP_204_NO_CONTENT

from ragchat.conversations import Conversation, ConversationPage, ConversationStore
from ragchat.conversations.exporting import everything, exported
from ragchat.web.dependencies import PrincipalOf, ServiceOf
from ragchat.web.owning import conversations_of
from ragchat.web.problems import documented
from ragchat.web.requests import ConversationChanges, Identifier, NewConversation, UserId
from ragchat.web.responses import ConversationReply, MessagesReply

router = APIRouter(
    prefix="/conversations", tags=["conversations"], responses=documented(400, 404, 413, 422, 503)
)

ConversationId = Annotated[Identifier, Path()]
Limit = Annotated[int, Query(ge=1, le=200)]
After = Annotated[int, Query(ge=-1, le=2**31 - 1)]
User = Annotated[UserId | None, Query(alias="user_id")]


@router.post("", status_code=HTTP_201_CREATED, responses=documented(409))
async def create(
    service: ServiceOf, principal: PrincipalOf, body: NewConversation | None = None
) -> Conversation:
    """Begin a conversation. Asking without a `conversation_id` begins one too."""
    wanted = body or NewConversation()
    store = service.conversations.of(principal.tenant, principal.user or wanted.user_id)
    return await store.create(conversation_id=wanted.id, draft=wanted.draft())


@router.get("")
async def list_conversations(
    service: ServiceOf,
    principal: PrincipalOf,
    limit: Limit = 50,
    cursor: Annotated[str | None, Query(max_length=300)] = None,
    user: User = None,
) -> ConversationPage:
    """Conversations, most recently used first; without a `user_id` those that belong to no user."""
    store = conversations_of(service, principal, user)
    return await store.list(user_id=user, limit=limit, cursor=cursor)


@router.get("/{conversation_id}")
async def read(
    conversation_id: ConversationId,
    service: ServiceOf,
    principal: PrincipalOf,
    after: After = -1,
    limit: Limit = 200,
    user: User = None,
) -> ConversationReply:
    """A conversation with its messages; answers keep their sources and citations."""
    store = conversations_of(service, principal, user)
    conversation = await store.get(conversation_id)
    page = await _messages(store, conversation_id, after, limit)
    return ConversationReply(conversation=conversation, messages=page.messages, next_after=page.next_after)


@router.patch("/{conversation_id}")
async def change(
    conversation_id: ConversationId,
    body: ConversationChanges,
    service: ServiceOf,
    principal: PrincipalOf,
    user: User = None,
) -> Conversation:
    """Give a conversation another title, metadata, system prompt or preferences; what is left out stays."""
    return await conversations_of(service, principal, user).change(conversation_id, body.draft())


@router.delete("/{conversation_id}", status_code=HTTP_204_NO_CONTENT)
async def delete(
    conversation_id: ConversationId, service: ServiceOf, principal: PrincipalOf, user: User = None
) -> None:
    """Delete a conversation and every message of it."""
    await conversations_of(service, principal, user).delete(conversation_id)


@router.get("/{conversation_id}/messages")
async def messages(
    conversation_id: ConversationId,
    service: ServiceOf,
    principal: PrincipalOf,
    after: After = -1,
    limit: Limit = 200,
    user: User = None,
) -> MessagesReply:
    """The messages of a conversation, in order, above position `after`."""
    return await _messages(conversations_of(service, principal, user), conversation_id, after, limit)


@router.delete("/{conversation_id}/messages", status_code=HTTP_204_NO_CONTENT)
async def clear(
    conversation_id: ConversationId, service: ServiceOf, principal: PrincipalOf, user: User = None
) -> None:
    """Delete every message; the conversation stays."""
    await conversations_of(service, principal, user).clear(conversation_id)


@router.get("/{conversation_id}/export", response_class=Response)
async def export(
    conversation_id: ConversationId,
    service: ServiceOf,
    principal: PrincipalOf,
    form: Annotated[Literal["json", "markdown"], Query(alias="format")] = "json",
    user: User = None,
) -> Response:
    """The whole conversation as a file: everything that is stored of it, or Markdown to be read."""
    store = conversations_of(service, principal, user)
    text = exported(*await everything(store, conversation_id), form)
    kind, ending = ("application/json", "json") if form == "json" else ("text/markdown; charset=utf-8", "md")
    name = f'attachment; filename="conversation-{conversation_id}.{ending}"'
    return Response(text, media_type=kind, headers={"Content-Disposition": name})


async def _messages(store: ConversationStore, conversation_id: str, after: int, limit: int) -> MessagesReply:
    found = list(await store.messages(conversation_id, after=after, limit=limit + 1))
    more = len(found) > limit
    return MessagesReply(messages=found[:limit], next_after=found[limit - 1].position if more else None)
