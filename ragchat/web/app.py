"""The application: routers, problems and middleware around one `Service`, which its lifespan enters and leaves."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import Depends, FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.openapi.utils import get_openapi
from fastapi.staticfiles import StaticFiles

from ragchat import __version__
from ragchat.answering.events import event_adapter
from ragchat.faces.openai.errors import speaks_openai
from ragchat.web import problems
from ragchat.web.dependencies import own_page
from ragchat.web.guards.body import BodyLimit
from ragchat.web.guards.hosts import HostGuard
from ragchat.web.guards.middleware import RequestContext
from ragchat.web.library import routes
from ragchat.web.library.jobs import Jobs
from ragchat.web.live import LiveAnswers
from ragchat.web.mcp import route as mcp
from ragchat.web.mcp.route import tools_served
from ragchat.web.routers import (
    chat,
    conversations,
    documents,
    gaps,
    health,
    messages,
    pages,
    search,
    suggestions,
)
from ragchat.web.routers.older import graph, sessions
from ragchat.web.routers.openai import completions, models, responses
from ragchat.web.service import Service
from ragchat.web.sockets import route
from ragchat.web.sockets.rooms import Rooms
from ragchat.web.storage import watched

MAY_SEND = (
    "Authorization", "Content-Type", "Idempotency-Key", "Last-Event-ID", "X-API-Key", "X-Filename", "X-Request-ID",
)  # fmt: skip
"""Headers that pages of the listed origins may send."""
DESCRIPTION = "Answers questions from your documents only, streams the answer and proves every citation."


def create_app(service: Service) -> FastAPI:
    """An application that serves `service`; answers still running when it shuts down are kept as partial."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with service, watched(service.conversations, unused=service.settings.conversation_ttl):
            live = app.state.live = LiveAnswers(
                service.conversations,
                grace=service.settings.stream_grace,
                wait=service.settings.conversation_wait,
            )
            jobs = app.state.jobs = Jobs(service)
            app.state.rooms = Rooms()
            async with live.kept(), jobs.kept(), tools_served(app, service):
                yield

    app = FastAPI(
        title="ragchat",
        description=DESCRIPTION,
        version=__version__,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    app.state.service = service
    _add_routes(app)
    problems.install(app)
    app.add_middleware(BodyLimit, uploads=service.settings.upload_limit)
    if service.settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(service.settings.cors_origins),
            allow_methods=["GET", "POST", "PATCH", "DELETE"],
            allow_headers=list(MAY_SEND),
            expose_headers=["X-Request-ID", "X-Message-ID", "Location", "Retry-After"],
        )
    app.add_middleware(HostGuard, service=service)
    app.add_middleware(RequestContext)
    return app


def _add_routes(app: FastAPI) -> None:
    for part in (chat, messages, search, suggestions, conversations, gaps, documents):
        app.include_router(part.router, prefix="/v1")
    app.include_router(mcp.router)
    app.include_router(health.router)
    for part in (completions, responses, models, route, routes):
        app.include_router(part.router, prefix="/v1")
    for part in (chat, conversations, graph, sessions, route):  # addresses of old clients
        app.include_router(part.router, include_in_schema=False)
    app.include_router(chat.router, prefix="/api", include_in_schema=False)
    for probe in ("/ready", "/readyz"):
        app.add_api_route(probe, health.ready, include_in_schema=False)
    app.add_api_route(
        "/documents",
        routes.upload,
        methods=["POST"],
        status_code=202,
        include_in_schema=False,
        dependencies=[Depends(own_page)],
    )
    app.include_router(pages.router)
    app.mount("/static", StaticFiles(directory=pages.STATIC), name="static")
    app.openapi = lambda: _schema(app)  # type: ignore[method-assign]


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
        for path, operations in schema["paths"].items():
            for operation in operations.values():
                if speaks_openai(path):
                    operation["responses"].pop("422", None)
        app.openapi_schema = schema
    return app.openapi_schema
