"""Probes. They never call a model's service and never touch the disk (web/storage.py looks at it)."""

from fastapi import APIRouter, Response
from starlette.status import HTTP_503_SERVICE_UNAVAILABLE

from ragchat import __version__
from ragchat.web.dependencies import ServiceOf
from ragchat.web.responses import HealthReply, ReadyReply
from ragchat.web.service import Service

router = APIRouter(tags=["health"])


@router.head("/healthz", include_in_schema=False)
@router.head("/health", include_in_schema=False)
@router.get("/healthz")
@router.get("/health")
async def alive() -> HealthReply:
    """The process is up."""
    return HealthReply(status="ok", version=__version__)


@router.head("/health/ready", include_in_schema=False)
@router.get("/health/ready", responses={503: {"model": ReadyReply}})
async def ready(service: ServiceOf, response: Response) -> ReadyReply:
    """Questions can be answered: 200, else 503 with the reason."""
    reply = _ready(service)
    if not reply.ready:
        response.status_code = HTTP_503_SERVICE_UNAVAILABLE
    return reply


def _ready(service: Service) -> ReadyReply:
    state = service.ready()
    return ReadyReply(
        ready=state.ready,
        reason=state.reason,
        collection=state.collection,
        generation=state.generation,
        documents=state.documents,
        chunks=state.chunks,
        embedder=state.embedder,
        model=state.model,
        conversations="ok" if service.conversations.available else "unavailable",
    )
