"""`/v1/ws/chat/{conversation_id}`: who may come in, what they are shown first, and what each of their frames does.

Who asks is known before the handshake is answered, and so is where their page comes from: what is refused is never
accepted first. Close codes: 1003 no text, 1008 too many frames or tabs, 1009 a frame too large, 1011 a bug.
"""

from dataclasses import dataclass
from typing import Annotated, assert_never, cast

from fastapi import APIRouter, Path, Query, WebSocket
from pydantic import TypeAdapter, ValidationError

from ragchat.access import Principal
from ragchat.conversations import ConversationStore, StoredMessage
from ragchat.errors import RagchatError, StorageFailed, UsageError
from ragchat.web.dependencies import LiveOf, PrincipalOf, ServiceOf
from ragchat.web.guards.pages import may_call
from ragchat.web.live import LiveAnswers
from ragchat.web.owning import conversations_of
from ragchat.web.requests import Collection, Identifier, UserId
from ragchat.web.service import Service
from ragchat.web.sockets.frames import LONGEST, Ask, ClearHistory, Frame, Ping, Stop, failed, frame_of, wrong
from ragchat.web.sockets.rooms import Room, Rooms
from ragchat.web.sockets.tab import Gone, Tab

router = APIRouter(tags=["chat"])

PROTOCOL = "ragchat"
"""The subprotocol that is chosen where it is offered; browsers can show a key beside it, and in no other way."""
SHOWN = 100
"""Newest messages that a tab is shown when it opens."""
_messages: TypeAdapter[list[StoredMessage]] = TypeAdapter(list[StoredMessage])


@dataclass(frozen=True, slots=True)
class Visit:
    """Who is connected, to what, and by what the answers are to be made."""

    service: Service
    live: LiveAnswers
    principal: Principal
    conversation_id: str
    user_id: str | None
    collection: str | None


@router.websocket("/ws/chat/{conversation_id}")
async def conversation(
    socket: WebSocket,
    conversation_id: Annotated[Identifier, Path()],
    service: ServiceOf,
    live: LiveOf,
    principal: PrincipalOf,
    user_id: Annotated[UserId | None, Query()] = None,
    collection: Annotated[Collection | None, Query()] = None,
) -> None:
    """A conversation in both directions: its history, then every event of every answer, for all tabs that are open."""
    if not may_call(socket.headers, service.settings.cors_origins, principal):
        await socket.close(1008, "this origin may not connect")
        return
    await socket.accept(PROTOCOL if PROTOCOL in socket.scope["subprotocols"] else None)
    visit = Visit(service, live, principal, conversation_id, user_id, collection)
    tab = Tab(socket)
    rooms = cast(Rooms, socket.app.state.rooms)
    key = (principal.tenant, principal.user or user_id, conversation_id)
    code, reason = 1000, ""
    try:
        store = conversations_of(service, principal, user_id)
        known = await _newest(store, conversation_id)
        await tab.tell(await _history(visit))
        async with rooms.entered(key, tab) as room:
            room.look(live, store, conversation_id, known)
            code, reason = await _listen(socket, tab, room, visit)
    except Gone:
        pass
    except UsageError as full:
        code, reason = 1008, full.message
    finally:
        await tab.close(code, reason)


async def _newest(store: ConversationStore, conversation_id: str) -> str:
    """Id of the newest answer, read before the history: what comes between is followed, and not lost."""
    try:
        latest = await store.latest(conversation_id)
    except StorageFailed:  # the store has logged it
        return ""
    return latest.message_id if latest is not None else ""


async def _history(visit: Visit) -> dict[str, object]:
    store = conversations_of(visit.service, visit.principal, visit.user_id)
    try:
        messages = list(await store.history(visit.conversation_id, SHOWN))
    except StorageFailed:  # the store has logged it; questions are answered all the same
        messages = []
    shown = _messages.dump_python(messages, mode="json")
    return {"type": "history", "conversation_id": visit.conversation_id, "messages": shown}


async def _listen(socket: WebSocket, tab: Tab, room: Room, visit: Visit) -> tuple[int, str]:
    """Do what each frame says until the client leaves or breaks a rule: the code and reason to close with."""
    while True:
        received = await socket.receive()
        if received["type"] == "websocket.disconnect":
            return 1000, ""
        text = received.get("text")
        if text is None:
            return 1003, "only text can be read"
        if len(text.encode("utf-8", "replace")) > LONGEST:
            return 1009, f"a frame may have at most {LONGEST} bytes"
        if not tab.within_rate():
            return 1008, "too many frames"
        try:
            await _done(frame_of(text), tab, room, visit)
        except ValidationError as invalid:
            await tab.tell(wrong(invalid))
        except RagchatError as error:
            await tab.tell(failed(error))


async def _done(frame: Frame, tab: Tab, room: Room, visit: Visit) -> None:
    match frame:
        case Ask():
            if frame.conversation not in (None, visit.conversation_id):
                raise UsageError(
                    "This connection belongs to another conversation.", code="other_conversation"
                )
            frame = frame.model_copy(
                update={
                    "conversation_id": visit.conversation_id,
                    "user_id": visit.user_id or frame.user_id,
                    "collection": frame.collection or visit.collection,
                }
            )
            await room.ask(visit.service, visit.live, frame.asking())
        case Stop():
            await tab.tell({"type": "stopped", "stopped": await room.stop()})
        case ClearHistory():
            store = conversations_of(visit.service, visit.principal, visit.user_id)
            await room.clear(store, visit.conversation_id)
        case Ping():
            await tab.tell({"type": "pong"})
        case _:
            assert_never(frame)
