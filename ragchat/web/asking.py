"""From a validated question to a running answer: the one way that every chat route takes.

Whatever can fail before the answer begins (no index, unknown collection or model, a limit) is raised here, while an
HTTP status can still be sent; from then on failures are `error` events. Who asks is what the guards found
(`calling`); their limits, tags and collections hold for every face. Conversations that cannot be read or written stop
nobody from asking: the answer is then made without the earlier turns, or not recorded (see recording.UNSAVED).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, cast

from anyio.to_thread import run_sync

from ragchat.access import Principal
from ragchat.access.limiting.slots import Slot
from ragchat.answering.events import Event, Finish
from ragchat.answering.request import Turn
from ragchat.conversations import new_id
from ragchat.conversations.recording import recorded, turns
from ragchat.corpus.values import Filters
from ragchat.errors import StorageFailed
from ragchat.faces.links import linked
from ragchat.runtime.cache import cache_key, replayed
from ragchat.web.desk.caller import Caller, calling
from ragchat.web.guards.seeing import seen_by
from ragchat.web.live import LiveAnswer, LiveAnswers
from ragchat.web.service import Service

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

HISTORY = 12
"""Messages of a conversation that a new question is understood from."""


@dataclass(frozen=True, slots=True)
class Asking:
    """A message and how to answer it, whatever face it came through; None means: as the settings say.

    `record` False keeps question and answer out of the conversations (the turns before are read all the same).
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
    record: bool = True


async def ask(service: Service, live: LiveAnswers, asking: Asking) -> LiveAnswer:
    """Start the answer, recorded where that is wanted; returns once its first event is there."""
    caller = calling()
    service = seen_by(service, caller.principal)
    slot = await caller.desk.admit(caller, asking.user_id) if caller.desk is not None else None
    message_id = new_id()
    try:
        begin = await _prepared(service, asking, caller, slot, message_id)
    except BaseException:
        if slot is not None:
            slot.give_back()
        raise
    running = live.start(message_id, begin)
    await running.begun()
    return running


async def _prepared(
    service: Service, asking: Asking, caller: Caller, slot: Slot | None, message_id: str
) -> "Callable[[Callable[[], Finish]], AsyncGenerator[Event, None]]":
    """What begins the answer. `slot` is the answer's from then on, until its last event."""
    generation = await run_sync(_generation, service, asking.collection)
    conversation_id = asking.conversation_id or new_id()
    history = await _history(service, conversation_id) if asking.conversation_id else []
    events = await _events(service, caller, asking, history, generation, message_id, conversation_id)
    other = asking.collection if asking.collection != service.settings.collection else None
    events = linked(events, other)

    def begin(cut: "Callable[[], Finish]") -> "AsyncGenerator[Event, None]":
        answer = events if caller.desk is None else caller.desk.counted(events, caller)
        if asking.record:
            answer = recorded(
                service.conversations,
                asking.message,
                answer,
                conversation_id=conversation_id,
                message_id=message_id,
                user_id=asking.user_id,
                narrowed=asking.filters is not None and not asking.filters.empty,
                cut=cut,
            )
        return answer if caller.desk is None or slot is None else caller.desk.within(slot, answer)

    return begin


async def _events(
    service: Service,
    caller: Caller,
    asking: Asking,
    history: Sequence[Turn],
    generation: int,
    message_id: str,
    conversation_id: str,
) -> "AsyncGenerator[Event, None]":
    """The answer's events: those of an equal question asked before, else new ones."""
    key = _key(service, caller.principal, asking, history, generation)
    desk = caller.desk if caller.desk is not None and caller.desk.cache is not None else None
    if desk is not None and not caller.fresh and (kept := await desk.recall(key)):
        return replayed(kept, message_id=message_id, conversation_id=conversation_id)
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
        filters=asking.filters,
        system_prompt=asking.system_prompt,
        preferences=asking.preferences,
    )
    made = cast("AsyncGenerator[Event, None]", events)
    return made if desk is None else desk.remembered(made, key, generation)


def _key(
    service: Service, principal: Principal, asking: Asking, history: Sequence[Turn], generation: int
) -> str:
    """Equal for questions that get the same answer: the settings count with what the request leaves to them."""
    settings = service.settings
    said = [[turn.role, turn.content, turn.refused] for turn in history]
    return cache_key(
        tenant=principal.tenant,
        tags=principal.tags,
        asking=replace(asking, conversation_id=None, user_id=None, record=True),
        history=said,
        generation=generation,
        collection=asking.collection or settings.collection,
        index=str(settings.index_dir.absolute()),
        model=asking.model or settings.chat_model,
        grounding=asking.grounding or settings.grounding,
        top_k=asking.top_k or settings.top_k,
        words=[settings.flagged_words, settings.blocked_words],
        models=[settings.embeddings, settings.reranker, settings.openai_base_url],
    )


async def _history(service: Service, conversation_id: str) -> list[Turn]:
    try:
        return turns(await service.conversations.history(conversation_id, HISTORY))
    except StorageFailed:  # the store has logged it
        return []


def _generation(service: Service, collection: str | None) -> int:
    """The generation that is served; raises what makes the service unready."""
    with service.snapshot(collection) as snapshot:
        return snapshot.number
