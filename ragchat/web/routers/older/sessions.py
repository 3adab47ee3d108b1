"""`/sessions`: conversations, as services called them that had one for each browser."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel

from ragchat.conversations import Conversation, StoredMessage
from ragchat.web.dependencies import PrincipalOf, ServiceOf
from ragchat.web.owning import conversations_of
from ragchat.web.requests import Identifier, UserId

router = APIRouter(prefix="/sessions", tags=["older"])

SessionId = Annotated[Identifier, Path()]
User = Annotated[UserId | None, Query(alias="user_id")]


class Session(BaseModel):
    """A conversation without its messages."""

    session_id: str
    title: str
    created: datetime
    updated: datetime
    message_count: int


class Sessions(BaseModel):
    """The most recently used first; `next_cursor` leads to the next page."""

    sessions: list[Session]
    next_cursor: str | None


class SessionMessages(BaseModel):
    """A conversation with its messages in order."""

    session_id: str
    messages: list[StoredMessage]


class Gone(BaseModel):
    """What was deleted."""

    session_id: str
    deleted: bool = True


@router.get("")
async def list_sessions(
    service: ServiceOf,
    principal: PrincipalOf,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(max_length=300)] = None,
    user: User = None,
) -> Sessions:
    """The caller's conversations."""
    store = conversations_of(service, principal, user)
    page = await store.list(user_id=user, limit=limit, cursor=cursor)
    return Sessions(sessions=[_session(one) for one in page.conversations], next_cursor=page.next_cursor)


@router.get("/{session_id}")
@router.get("/{session_id}/messages")
@router.get("/{session_id}/history")
async def read_session(
    session_id: SessionId, service: ServiceOf, principal: PrincipalOf, user: User = None
) -> SessionMessages:
    """What was said in it."""
    messages = await conversations_of(service, principal, user).messages(session_id, limit=1000)
    return SessionMessages(session_id=session_id, messages=list(messages))


@router.delete("/{session_id}")
async def delete_session(
    session_id: SessionId, service: ServiceOf, principal: PrincipalOf, user: User = None
) -> Gone:
    """Delete it with every message."""
    await conversations_of(service, principal, user).delete(session_id)
    return Gone(session_id=session_id)


def _session(conversation: Conversation) -> Session:
    return Session(
        session_id=conversation.id,
        title=conversation.title,
        created=conversation.created,
        updated=conversation.updated,
        message_count=conversation.message_count,
    )
