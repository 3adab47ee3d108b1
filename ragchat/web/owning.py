"""Whose conversations a request reads, and whose a question belongs to.

A conversation belongs to its principal's tenant and user. Who proved a user is that user; else a request may name one.
"""

from dataclasses import replace

from ragchat.access import Principal
from ragchat.conversations import ConversationStore
from ragchat.web.asking import Asking
from ragchat.web.service import Service


def owned(asking: Asking, principal: Principal, once: str | None = None) -> Asking:
    """`asking` as this principal's; `once` is its Idempotency-Key."""
    return replace(
        asking,
        principal=principal,
        tenant=principal.tenant,
        user_id=principal.user or asking.user_id,
        once=once or asking.once,
    )


def conversations_of(service: Service, principal: Principal, user_id: str | None = None) -> ConversationStore:
    """The view of the store that this principal has; `user_id` is the one that its request names."""
    return service.conversations
