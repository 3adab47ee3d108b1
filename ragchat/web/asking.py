"""From a validated question to a running answer: the one way that every chat route takes.

Whatever can fail before the answer begins (no index, unknown collection or model) is raised here, while an HTTP status
can still be sent; from then on failures are `error` events. Conversations that cannot be read or written stop nobody
from asking: the answer is then made without the earlier turns, or not recorded (see recording.UNSAVED).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from anyio.to_thread import run_sync

from ragchat.access import ANYONE, Principal
from ragchat.answering.events import Event, Finish
from ragchat.answering.request import Turn
from ragchat.conversations import new_id
from ragchat.conversations.recording import recorded, turns
from ragchat.corpus.values import Filters
from ragchat.errors import StorageFailed
from ragchat.faces.links import linked
from ragchat.web.library.shelves import Library
from ragchat.web.live import LiveAnswer, LiveAnswers
from ragchat.web.service import Service

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

HISTORY = 12
"""Messages of a conversation that a new question is understood from."""


@dataclass(frozen=True, slots=True)
class Asking:
    """A message and how to answer it, whatever face it came through; None means: as the settings say.

    `principal` is who asks: what they may not see is neither found nor told of. `history` are earlier turns that the
    request brings itself; then none is read from the conversation. `record` False keeps question and answer out of the
    conversations (the turns before are read all the same).
    """

    message: str
    conversation_id: str | None = None
    user_id: str | None = None
    collection: str | None = None
    system_prompt: str = ""
    preferences: Mapping[str, str] | None = None
    model: str | None = None
    mode: Literal["chat", "agent"] | None = None
    grounding: Literal["annotate", "strict"] | None = None
    top_k: int | None = None
    filters: Filters | None = None
    parameters: Mapping[str, float | int] = field(default_factory=dict)
    history: tuple[Turn, ...] | None = None
    principal: Principal = ANYONE
    record: bool = True
    tenant: str = ""
    once: str | None = None

    @property
    def seen(self) -> Filters | None:
        """The filters of the request, narrowed to what its caller may see."""
        if self.principal.tags is None:
            return self.filters
        return replace(self.filters or Filters(), acl=tuple(sorted(self.principal.tags)))


async def ask(service: Service, live: LiveAnswers, asking: Asking) -> LiveAnswer:
    """Start the answer, recorded where that is wanted; returns once its first event is there."""
    await run_sync(_check_ready, service, asking)
    conversation_id = asking.conversation_id or new_id()
    history = await _history(service, asking)
    message_id = new_id()
    events = service.answer(
        asking.message,
        message_id=message_id,
        conversation_id=conversation_id,
        history=history,
        collection=asking.collection,
        model=asking.model,
        mode=asking.mode,
        grounding=asking.grounding,
        top_k=asking.top_k,
        filters=asking.seen,
        system_prompt=asking.system_prompt,
        preferences=asking.preferences,
        parameters=asking.parameters,
    )
    other = asking.collection if asking.collection != service.settings.collection else None
    events = linked(events, other)

    def begin(cut: "Callable[[], Finish]") -> "AsyncGenerator[Event, None]":
        if not asking.record:
            return events
        return recorded(
            service.conversations,
            asking.message,
            events,
            conversation_id=conversation_id,
            message_id=message_id,
            user_id=asking.user_id,
            narrowed=asking.filters is not None and not asking.filters.empty,
            cut=cut,
        )

    answer = live.start(message_id, begin)
    await answer.begun()
    return answer


async def _history(service: Service, asking: Asking) -> Sequence[Turn]:
    if asking.history is not None:
        return asking.history[-HISTORY:]
    if not asking.conversation_id:
        return []
    try:
        return turns(await service.conversations.history(asking.conversation_id, HISTORY))
    except StorageFailed:  # the store has logged it
        return []


def _check_ready(service: Service, asking: Asking) -> None:
    with Library(service, asking.principal).snapshot(asking.collection):
        pass
