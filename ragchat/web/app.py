"""The application: routers, problems and middleware around one `Service`, which its lifespan enters and leaves."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import ModuleType
from typing import Any

from anyio.to_thread import run_sync
from fastapi import Depends, FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.staticfiles import StaticFiles

from ragchat import __version__
from ragchat.access import Scope
from ragchat.answering.events import event_adapter
from ragchat.faces.openai.errors import speaks_openai
from ragchat.runtime.access import gate_of
from ragchat.runtime.operating.tracing import exporting
from ragchat.web import problems
from ragchat.web.admin import routes as admin
from ragchat.web.dependencies import needs, own_page
from ragchat.web.desk.desk import Desk
from ragchat.web.desk.sites import SiteTokens
from ragchat.web.guards.access import AccessGuard, Visitors
from ragchat.web.guards.accounts import Accounts
from ragchat.web.guards.body import BodyLimit
from ragchat.web.guards.hosts import HostGuard
from ragchat.web.guards.middleware import RequestContext
from ragchat.web.guards.origins import Origins
from ragchat.web.guards.proxies import TrustedProxies
from ragchat.web.guards.readers import SlowReaders
from ragchat.web.library import routes as library
from ragchat.web.library.jobs import Jobs
from ragchat.web.live import LiveAnswers
from ragchat.web.mcp import route as mcp
from ragchat.web.mcp.route import tools_served
from ragchat.web.paging import sheets
from ragchat.web.routers import (
    chat,
    conversations,
    documents,
    gaps,
    health,
    me,
    messages,
    pages,
    search,
    suggestions,
    widget,
)
from ragchat.web.routers.older import graph, sessions
from ragchat.web.routers.openai import completions, models, responses
from ragchat.web.service import Service
from ragchat.web.sockets import route as sockets
from ragchat.web.sockets.rooms import Rooms
from ragchat.web.storage import watched

DESCRIPTION = "Answers questions from your documents only, streams the answer and proves every citation."

SCOPES: tuple[tuple[ModuleType, Scope], ...] = (
    (chat, "chat"),
    (messages, "chat"),
    (search, "chat"),
    (suggestions, "chat"),
    (me, "chat"),
    (conversations, "chat"),
    (documents, "chat"),
    (sheets, "chat"),
    (completions, "chat"),
    (responses, "chat"),
    (models, "chat"),
    (sockets, "chat"),
    (library, "ingest"),
    (gaps, "admin"),
    (admin, "admin"),
)
"""What each router asks of its callers; a route that asks for more says so itself (`Depends(needs("ingest"))`).

Health, the pages and the API's description ask for nothing: they hold nothing of the documents.
"""


def create_app(service: Service) -> FastAPI:
    """An application that serves `service`; answers still running when it shuts down are kept as partial."""

    desk, gate, exports = Desk(service.settings), gate_of(service.settings), exporting()
    visitors = Visitors(gate)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        unused = service.settings.conversation_ttl
        async with service, watched(service.conversations, unused=unused), visitors.watched():
            live = app.state.live = LiveAnswers(
                service.conversations,
                grace=service.settings.stream_grace,
                wait=service.settings.conversation_wait,
            )
            jobs = app.state.jobs = Jobs(service)
            app.state.rooms = Rooms()
            async with live.kept(), jobs.kept(), tools_served(app, service):
                yield
            await desk.close()
            gate.close()
            if exports is not None:
                await run_sync(exports.shutdown)

    app = FastAPI(
        title="ragchat",
        description=DESCRIPTION,
        version=__version__,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        telemetry={
            "tracing": exports is not None,
            "tracer_provider": exports,
            "metrics": False,
            "logs": False,
            "operation_spans": False,
            "auto_configure": False,
        },
    )
    app.state.service, app.state.desk, app.state.gate = service, desk, gate
    app.state.widget_tokens = SiteTokens(gate)
    _add_routes(app)
    problems.install(app)
    _add_guards(app, service, visitors, desk)
    return app


def _add_guards(app: FastAPI, service: Service, visitors: Visitors, desk: Desk) -> None:
    """What a request passes, innermost first."""
    settings = service.settings
    app.add_middleware(BodyLimit, uploads=settings.upload_limit)
    app.add_middleware(AccessGuard, visitors=visitors, desk=desk)
    embedding = (origin for _, origin in settings.widget_sites)
    app.add_middleware(Origins, configured=(*settings.cors_origins, *embedding), ring=visitors.gate.ring)
    app.add_middleware(HostGuard, service=service)
    app.add_middleware(SlowReaders, seconds=settings.slow_reader_seconds)
    app.add_middleware(Accounts, metrics=desk.metrics)
    app.add_middleware(RequestContext)
    app.add_middleware(TrustedProxies, networks=settings.trusted_proxies)


def _add_routes(app: FastAPI) -> None:
    for part, scope in SCOPES:
        app.include_router(part.router, prefix="/v1", dependencies=[Depends(needs(scope))])
    app.include_router(widget.router, prefix="/v1")
    app.include_router(health.router)
    app.include_router(health.metrics, dependencies=[Depends(needs("metrics"))])
    app.include_router(mcp.router, dependencies=[Depends(needs("chat"))])
    _add_older_addresses(app)
    app.include_router(pages.router)
    app.mount("/static", StaticFiles(directory=pages.STATIC), name="static")
    app.openapi = lambda: _schema(app)  # type: ignore[method-assign]


def _add_older_addresses(app: FastAPI) -> None:
    """The same under the names that clients of older services know, outside of the schema."""
    asking = [Depends(needs("chat"))]
    for part in (chat, conversations, graph, sessions, sockets):
        app.include_router(part.router, include_in_schema=False, dependencies=asking)
    app.include_router(chat.router, prefix="/api", include_in_schema=False, dependencies=asking)
    for probe in ("/ready", "/readyz"):
        app.add_api_route(probe, health.ready, include_in_schema=False)
    app.add_api_route(
        "/documents",
        library.upload,
        methods=["POST"],
        status_code=202,
        include_in_schema=False,
        dependencies=[Depends(own_page), Depends(needs("ingest"))],
    )


def _schema(app: FastAPI) -> dict[str, object]:
    """The OpenAPI document; FastAPI's own 422 schema is replaced by the problem that is really sent."""
    if app.openapi_schema is None:
        schema = get_openapi(
            title=app.title, version=app.version, description=app.description, routes=app.routes
        )
        parts = schema.setdefault("components", {}).setdefault("schemas", {})
        for unused in ("HTTPValidationError", "ValidationError"):
            parts.pop(unused, None)
        problem = problems.Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        event = event_adapter().json_schema(ref_template="#/components/schemas/{model}", mode="serialization")
        for name, described in (("Problem", problem), ("Event", event)):
            for inner, definition in described.pop("$defs", {}).items():
                parts.setdefault(inner, definition)
            parts[name] = described
        _secure(schema)
        app.openapi_schema = schema
    return app.openapi_schema


def _secure(schema: dict[str, Any]) -> None:
    """Say how a key is sent, and what every route that may ask for one may answer."""
    schema["components"]["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer"},
        "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    }
    refusals = {str(status): told for status, told in problems.documented(401, 403, 429, 503).items()}
    for path, methods in schema["paths"].items():
        if path.startswith("/health"):
            continue
        for operation in methods.values():
            operation["security"] = [{"bearer": []}, {"key": []}, {}]
            if speaks_openai(path):  # its own shape of errors, also of a field that is wrong
                operation["responses"].pop("422", None)
            else:
                operation["responses"] = refusals | operation["responses"]
