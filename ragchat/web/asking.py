"""From a validated question to a running answer: the one way that every chat route takes.

Whatever can fail before the answer begins (no index, unknown collection or model) is raised here, while an HTTP status
can still be sent; from then on failures are `error` events. Conversations that cannot be read or written stop nobody
from asking: the answer is then made without the earlier turns, or not recorded (see recording.UNSAVED).
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Literal, cast

from anyio.to_thread import run_sync

from ragchat.access import Principal
from ragchat.access.limiting.slots import Slot
from ragchat.answering.events import Event, Finish
from ragchat.answering.request import Turn
from ragchat.conversations import Asked, AskedBefore, Begun, new_id
from ragchat.conversations.recording import in_time, recorded, turns
from ragchat.corpus.values import Filters
from ragchat.errors import NotFound, RagchatError, StorageFailed, UsageError
from ragchat.faces.links import linked
from ragchat.runtime.cache import cache_key, replayed
from ragchat.web.desk.caller import Caller, calling
from ragchat.web.guards.seeing import seen_by
from ragchat.web.live import Followed, LiveAnswer, LiveAnswers
from ragchat.web.service import Service

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable


@dataclass(frozen=True, slots=True)
class Asking:
    """A message and how to answer it, whatever face it came through; None means: as the settings say.

    `history` are earlier turns that the request brings itself; then none is read from the conversation. `record` False
    keeps question and answer out of the conversations (the turns before are read all the same). `parameters` are the
    model's own (temperature, …).
    `tenant` and `user_id` own the conversation; two of their askings with one `once` (an Idempotency-Key) are one.
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
    record: bool = True
    tenant: str = ""
    once: str | None = None


async def ask(service: Service, live: LiveAnswers, asking: Asking) -> Followed:
    """Start the answer, recorded where that is wanted; returns once its first event is there.

    Waits for the answer before it in its conversation (LiveAnswers.asked). What was asked before under the same `once`
    is not asked again, unless its answer failed: that answer is returned, wherever it is made.
    """
    principal = calling().principal
    service = seen_by(service, principal)
    asking = replace(asking, tenant=principal.tenant, user_id=principal.user or asking.user_id)
    await run_sync(_generation, service, asking.collection)
    if asking.once is None:
        return await _asked(service, live, asking)
    fingerprint = _fingerprint(asking)
    async with live.once.turn((asking.tenant, asking.user_id, asking.once), fingerprint) as seen:
        answer = await _answer_before(service, live, asking, seen.before) if seen.before else None
        if answer is None or (answer.finished and answer.status == "failed"):
            answer = await _asked(service, live, asking)
            seen.answered(answer.message_id, fingerprint)
        return answer


async def _asked(service: Service, live: LiveAnswers, asking: Asking) -> Followed:
    """The slot is taken before anything is stored; whatever fails from here on forgets it, which gives it back."""
    caller = calling()
    slot = await caller.desk.admit(caller, asking.user_id) if caller.desk is not None else None
    if not asking.record:
        return await _started(service, live, asking, new_id(), asking.conversation_id or new_id(), None, slot)
    message_id, conversation_id = new_id(), asking.conversation_id or new_id()
    question = Asked(
        conversation_id=conversation_id,
        question=asking.message,
        answer_id=message_id,
        worker=live.worker,
        once=asking.once,
        fingerprint=_fingerprint(asking),
        history=service.settings.history_messages,
        history_tokens=service.settings.history_tokens,
    )
    begun = await live.asked(question, tenant=asking.tenant, user=asking.user_id)
    if isinstance(begun, AskedBefore):
        found = await _answer_before(service, live, asking, begun)
        if found is None:
            raise NotFound("The answer to this request is gone.", code="message_not_found")
        return found
    return await _started(service, live, asking, message_id, conversation_id, begun, slot)


async def _started(
    service: Service,
    live: LiveAnswers,
    asking: Asking,
    message_id: str,
    conversation_id: str,
    begun: Begun | None,
    slot: Slot | None,
) -> LiveAnswer:
    """`begun` is None where the question is not recorded; `slot` is the answer's until its last event."""
    caller = calling()
    before = begun or await _only_read(service, asking)
    events = await _answered(service, caller, asking, message_id, conversation_id, before)

    def begin(cut: "Callable[[], Finish]") -> "AsyncGenerator[Event, None]":
        answer = events if caller.desk is None else caller.desk.counted(events, caller)
        if asking.record:
            answer = recorded(
                service.conversations,
                answer,
                message_id=message_id,
                saved=begun is not None,
                narrowed=asking.filters is not None and not asking.filters.empty,
                cut=cut,
            )
        return answer if caller.desk is None or slot is None else caller.desk.within(slot, answer)

    owner = (asking.tenant, asking.user_id)
    answer = live.start(message_id, begin, owner=owner, journaled=begun is not None)
    try:
        await answer.begun()
    except RagchatError:  # a status: as if it had never been asked, and free to be asked again
        with suppress(StorageFailed):
            await in_time(service.conversations.withdraw(message_id))
        raise
    return answer


async def _answered(
    service: Service, caller: Caller, asking: Asking, message_id: str, conversation_id: str, begun: Begun
) -> "AsyncGenerator[Event, None]":
    """The events: those of an equal question asked before, else new ones, with the links of their citations.

    What the request does not choose is as its conversation has it.
    """
    asking = replace(
        asking,
        system_prompt=asking.system_prompt or begun.system_prompt,
        preferences={**begun.preferences, **(asking.preferences or {})} or None,
    )
    other = asking.collection if asking.collection != service.settings.collection else None
    desk = caller.desk if caller.desk is not None and caller.desk.cache is not None else None
    if desk is None:
        return linked(_made(service, asking, message_id, conversation_id, begun), other)
    generation = await run_sync(_generation, service, asking.collection)
    key = _key(service, caller.principal, asking, _history(service, asking, begun), generation)
    if not caller.fresh and (kept := await desk.recall(key)):
        return linked(replayed(kept, message_id=message_id, conversation_id=conversation_id), other)
    made = _made(service, asking, message_id, conversation_id, begun)
    return linked(desk.remembered(made, key, generation), other)


def _made(
    service: Service, asking: Asking, message_id: str, conversation_id: str, begun: Begun
) -> "AsyncGenerator[Event, None]":
    events = service.answer(
        asking.message,
        message_id=message_id,
        conversation_id=conversation_id,
        history=_history(service, asking, begun),
        collection=asking.collection,
        model=asking.model,
        mode=asking.mode,
        grounding=asking.grounding,
        top_k=asking.top_k,
        filters=asking.filters,
        system_prompt=asking.system_prompt,
        preferences=asking.preferences,
        parameters=asking.parameters,
        tenant=asking.tenant,
        fresh=calling().fresh,
    )
    return cast("AsyncGenerator[Event, None]", events)


def _key(
    service: Service, principal: Principal, asking: Asking, history: Sequence[Turn], generation: int
) -> str:
    """Equal for questions that get the same answer: the settings count with what the request leaves to them."""
    settings = service.settings
    said = [[turn.role, turn.content, turn.refused] for turn in history]
    return cache_key(
        tenant=principal.tenant,
        tags=principal.tags,
        asking=replace(asking, conversation_id=None, user_id=None, record=True, once=None, history=None),
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


def _history(service: Service, asking: Asking, begun: Begun) -> Sequence[Turn]:
    """What was said before: the request's own turns where it brings some, else those of its conversation."""
    if asking.history is None:
        return begun.history
    return asking.history[-service.settings.history_messages :]


async def _only_read(service: Service, asking: Asking) -> Begun:
    """What was said before a question that is not recorded, or cannot be; nothing where it cannot be read."""
    if asking.record or asking.conversation_id is None or asking.history is not None:
        return Begun()
    store = service.conversations.of(asking.tenant, asking.user_id)
    try:
        said = await in_time(store.history(asking.conversation_id, service.settings.history_messages))
    except StorageFailed:  # the store has logged it
        return Begun()
    return Begun(tuple(turns(said)))


async def _answer_before(
    service: Service, live: LiveAnswers, asking: Asking, before: AskedBefore
) -> Followed | None:
    """The answer to the request that came first under this key; None when it can be read no more."""
    if not before.same:
        raise UsageError(
            "This Idempotency-Key was used for another request.",
            hint="Send a new key with every new request; the same one only to send the same request again.",
            code="idempotency_key_reused",
        )
    store = service.conversations.of(asking.tenant, asking.user_id)
    try:
        found = await live.find(store, before.answer_id)
        if found is not None:
            await found.begun()
        return found
    except NotFound:  # deleted meanwhile
        return None


def _fingerprint(asking: Asking) -> str:
    """The same for two requests that ask the same."""
    if asking.once is None:
        return ""
    return sha256(repr(replace(asking, once=None)).encode("utf-8", "replace")).hexdigest()


def _generation(service: Service, collection: str | None) -> int:
    """The generation that is served; raises what makes the service unready."""
    with service.snapshot(collection) as snapshot:
        return snapshot.number
