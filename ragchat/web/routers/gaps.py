"""Who asked what we could not answer: the writer's to-do list."""

from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query

from ragchat.conversations.gaps import group
from ragchat.web.dependencies import ServiceOf
from ragchat.web.problems import documented
from ragchat.web.responses import GapsReply

router = APIRouter(tags=["gaps"])

LOOKED_AT = 10_000
"""Newest refused and disliked answers that are grouped."""


@router.get("/gaps", responses=documented(422, 503))
async def gaps(service: ServiceOf, limit: Annotated[int, Query(ge=1, le=1000)] = 100) -> GapsReply:
    """Refused and disliked questions; the same question in other words is counted once."""
    unanswered = await service.conversations.unanswered(limit=LOOKED_AT)
    grouped = await run_sync(group, unanswered)
    return GapsReply(gaps=grouped[:limit])
