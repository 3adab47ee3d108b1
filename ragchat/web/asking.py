"""From a validated question to a running answer: the one way that every chat route takes.

Whatever can fail before the answer begins (no index, unknown collection or model, database) is raised here, while an
HTTP status can still be sent; from then on failures are `error` events.
"""

from anyio.to_thread import run_sync

from ragchat.conversations.recording import recorded, turns
from ragchat.conversations.store import new_id
from ragchat.web.live import LiveAnswer, LiveAnswers
from ragchat.web.requests import ChatBody
from ragchat.web.service import Service

HISTORY = 12
"""Messages of a conversation that a new question is understood from."""


async def ask(service: Service, live: LiveAnswers, body: ChatBody) -> LiveAnswer:
    """Record the question and start its answer; returns once its first event is there."""
    await run_sync(_check_ready, service, body.collection)
    conversation_id = body.conversation_id or new_id()
    history = await service.conversations.history(conversation_id, HISTORY) if body.conversation_id else ()
    message_id = new_id()
    events = service.answer(
        body.message,
        message_id=message_id,
        conversation_id=conversation_id,
        history=turns(history),
        collection=body.collection,
        model=body.model,
        mode=body.mode,
        grounding=body.grounding,
        top_k=body.top_k,
        filters=body.filters.filters() if body.filters else None,
        system_prompt=body.system_prompt,
        preferences=body.preferences.given() if body.preferences else None,
    )
    answer = live.start(
        message_id,
        lambda cut: recorded(
            service.conversations,
            body.message,
            events,
            conversation_id=conversation_id,
            message_id=message_id,
            user_id=body.user_id,
            cut=cut,
        ),
    )
    await answer.begun()
    return answer


def _check_ready(service: Service, collection: str | None) -> None:
    with service.generation(collection):
        pass
