"""Probes and measurements. They never call a model's service: how it is, the answers that needed it have seen."""

import shutil
from time import monotonic
from typing import Final

from anyio.to_thread import run_sync
from fastapi import APIRouter, Response
from starlette.status import HTTP_503_SERVICE_UNAVAILABLE

from ragchat import __version__
from ragchat.settings import Settings
from ragchat.web.dependencies import DeskOf, ServiceOf
from ragchat.web.desk.desk import Desk
from ragchat.web.desk.metrics import MEDIA_TYPE
from ragchat.web.problems import documented
from ragchat.web.responses import DiskState, HealthReply, ReadyReply
from ragchat.web.service import Service

router = APIRouter(tags=["health"])
metrics = APIRouter(tags=["health"])

LITTLE_BYTES: Final = 100 * 2**20
"""Room on the disk of the indexes below which an ingest will soon fail."""
DISK_SECONDS: Final = 5.0
"""Between two looks at the disk, however often probes come."""


@router.head("/healthz", include_in_schema=False)
@router.head("/health", include_in_schema=False)
@router.get("/healthz")
@router.get("/health")
async def alive() -> HealthReply:
    """The process is up."""
    return HealthReply(status="ok", version=__version__)


@router.head("/health/ready", include_in_schema=False)
@router.get("/health/ready", responses={503: {"model": ReadyReply}})
async def ready(service: ServiceOf, desk: DeskOf, response: Response) -> ReadyReply:
    """Questions can be answered: 200, else 503 with the reason.

    A model's service that fails, a database that refuses and a full disk are told and do not make it unready: what can
    be answered without them is answered.
    """
    reply = await _ready(service, desk)
    if not reply.ready:
        response.status_code = HTTP_503_SERVICE_UNAVAILABLE
    return reply


async def _ready(service: Service, desk: Desk) -> ReadyReply:
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
        disk=await _disk.state(service.settings),
        upstream=desk.upstream.state,
    )


class _Disk:
    """How much room there is, looked at now and then."""

    def __init__(self) -> None:
        self._looked_at = -DISK_SECONDS
        self._state: DiskState = "ok"

    async def state(self, settings: Settings) -> DiskState:
        if monotonic() - self._looked_at >= DISK_SECONDS:
            self._looked_at = monotonic()
            self._state = await run_sync(_room, settings)
        return self._state


_disk = _Disk()


def _room(settings: Settings) -> DiskState:
    try:
        return "ok" if shutil.disk_usage(settings.index_dir).free >= LITTLE_BYTES else "little"
    except OSError:
        return "unavailable"


@metrics.get("/metrics", response_class=Response, responses=documented(401, 403))
async def measured(service: ServiceOf, desk: DeskOf) -> Response:
    """What is measured, for Prometheus; with keys, for those that have the scope `metrics`."""
    state = service.ready()
    if state.generation is not None:
        desk.metrics.generation.labels(state.collection).set(state.generation)
    return Response(await run_sync(desk.metrics.text), media_type=MEDIA_TYPE)
