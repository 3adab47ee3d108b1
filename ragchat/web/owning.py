"""Whose conversations a request reads, and whose a question belongs to.

A conversation belongs to its principal's tenant and user. Who proved a user is that user; else a request may name one,
and what was begun under it is seen only under it. Keys with the scope admin read everybody's.
"""

from typing import Annotated, TypeAlias

from fastapi import Header

from ragchat.access import ANYONE, Principal
from ragchat.conversations import ConversationStore
from ragchat.web.service import Service

IdempotencyKey: TypeAlias = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        pattern=r"^[\x21-\x7e]+$",
        description="The same request sent again under the same key is not asked again.",
    ),
]


def conversations_of(service: Service, principal: Principal, user_id: str | None = None) -> ConversationStore:
    """The view of the store that this principal has; `user_id` is the one that its request names.

    On a server without keys everyone has every scope, and nobody sees what was begun under another user's id.
    """
    if principal is not ANYONE and principal.may("admin"):
        return service.conversations
    return service.conversations.of(principal.tenant, principal.user or user_id)
