"""From a validated question to a running answer: the one way that every chat route takes.

Whatever can fail before the answer begins (no index, unknown collection or model) is raised here, while an HTTP status
can still be sent; from then on failures are `error` events. Conversations that cannot be read or written stop nobody
from asking: the answer is then made without the earlier turns, or not recorded (see recording.UNSAVED).
"""

from anyio.to_thread import run_sync

from ragchat.answering.request import Turn
from ragchat.conversations import new_id
from ragchat.conversations.recording import recorded, turns
from ragchat.errors import StorageFailed
from ragchat.faces.links import linked
from ragchat.web.live import LiveAnswer, LiveAnswers
from ragchat.web.requests import ChatBody
from ragchat.web.service import Service

HISTORY = 12
"""Messages of a conversation that a new question is understood from."""


async def ask(service: Service, live: LiveAnswers, body: ChatBody) -> LiveAnswer:
    """Record the question and start its answer; returns once its first event is there."""
    await run_sync(_check_ready, service, body.collection)
    conversation_id = body.conversation_id or new_id()
    history = await _history(service, conversation_id) if body.conversation_id else []
    filters = body.filters.filters() if body.filters else None
    message_id = new_id()
    events = service.answer(
        body.message,
        message_id=message_id,
        conversation_id=conversation_id,
        history=history,
        collection=body.collection,
        model=body.model,
        mode=body.mode,
        grounding=body.grounding,
        top_k=body.top_k,
        filters=filters,
        system_prompt=body.system_prompt,
        preferences=body.preferences.given() if body.preferences else None,
    )
    other = body.collection if body.collection != service.settings.collection else None
    events = linked(events, other)
    answer = live.start(
        message_id,
        lambda cut: recorded(
            service.conversations,
            body.message,
            events,
            conversation_id=conversation_id,
            message_id=message_id,
            user_id=body.user_id,
            narrowed=filters is not None and not filters.empty,
            cut=cut,
        ),
    )
    await answer.begun()
    return answer


async def _history(service: Service, conversation_id: str) -> list[Turn]:
    try:
        return turns(await service.conversations.history(conversation_id, HISTORY))
    except StorageFailed:  # the store has logged it
        return []


def _check_ready(service: Service, collection: str | None) -> None:
    with service.snapshot(collection):
        pass
