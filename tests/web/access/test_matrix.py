"""Every route × every kind of key. A route that is not in the table fails: whoever adds one says who may use it."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi.routing import iter_route_contexts
from keyed_server import Keyed
from scripted_service import ScriptedService
from starlette.routing import Mount
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from ragchat.access import SCOPES, Scope
from ragchat.web.app import create_app

CHAT, INGEST, ADMIN, METRICS = "chat", "ingest", "admin", "metrics"
NEEDS: dict[str, Scope | None] = {
    "POST /v1/chat": CHAT,
    "POST /v1/chat/stream": CHAT,
    "GET /v1/chat/stream": CHAT,
    "POST /chat": CHAT,
    "POST /chat/stream": CHAT,
    "GET /chat/stream": CHAT,
    "GET /v1/messages/{message_id}": CHAT,
    "POST /v1/messages/{message_id}/stop": CHAT,
    "GET /v1/messages/{message_id}/events": CHAT,
    "POST /v1/messages/{message_id}/feedback": CHAT,
    "GET /v1/search": CHAT,
    "GET /v1/suggestions": CHAT,
    "GET /v1/me": CHAT,
    "POST /v1/conversations": CHAT,
    "GET /v1/conversations": CHAT,
    "GET /v1/conversations/{conversation_id}": CHAT,
    "PATCH /v1/conversations/{conversation_id}": CHAT,
    "DELETE /v1/conversations/{conversation_id}": CHAT,
    "GET /v1/conversations/{conversation_id}/export": CHAT,
    "GET /v1/conversations/{conversation_id}/messages": CHAT,
    "DELETE /v1/conversations/{conversation_id}/messages": CHAT,
    "POST /conversations": CHAT,
    "GET /conversations": CHAT,
    "GET /conversations/{conversation_id}": CHAT,
    "PATCH /conversations/{conversation_id}": CHAT,
    "DELETE /conversations/{conversation_id}": CHAT,
    "GET /conversations/{conversation_id}/export": CHAT,
    "GET /conversations/{conversation_id}/messages": CHAT,
    "DELETE /conversations/{conversation_id}/messages": CHAT,
    "GET /v1/documents": CHAT,
    "GET /v1/documents/{document_id}": CHAT,
    "GET /v1/documents/{document_id}/text": CHAT,
    "GET /v1/documents/{document_id}/blocks": CHAT,
    "GET /v1/documents/{document_id}/file": CHAT,
    "GET /v1/documents/{document_id}/pages/{page}.png": CHAT,
    "POST /v1/documents": INGEST,
    "POST /documents": INGEST,
    "DELETE /v1/documents/{document_id}": INGEST,
    "GET /v1/jobs/{job_id}": INGEST,
    "POST /v1/chat/completions": CHAT,
    "POST /v1/responses": CHAT,
    "GET /v1/models": CHAT,
    "GET /v1/models/{model}": CHAT,
    "WEBSOCKET /v1/ws/chat/{conversation_id}": CHAT,
    "WEBSOCKET /ws/chat/{conversation_id}": CHAT,
    "GET /mcp": CHAT,
    "POST /mcp": CHAT,
    "DELETE /mcp": CHAT,
    "POST /api/chat": CHAT,
    "POST /api/chat/stream": CHAT,
    "GET /api/chat/stream": CHAT,
    "GET /stream": CHAT,
    "POST /stream": CHAT,
    "GET /stream/{kind}": CHAT,
    "POST /stream/{kind}": CHAT,
    "GET /sessions": CHAT,
    "GET /sessions/{session_id}": CHAT,
    "GET /sessions/{session_id}/history": CHAT,
    "GET /sessions/{session_id}/messages": CHAT,
    "DELETE /sessions/{session_id}": CHAT,
    "GET /v1/gaps": ADMIN,
    "GET /v1/admin/collections": ADMIN,
    "GET /v1/admin/documents": ADMIN,
    "GET /v1/admin/generations": ADMIN,
    "POST /v1/admin/rollback": ADMIN,
    "GET /v1/admin/sources": ADMIN,
    "POST /v1/admin/ingest": ADMIN,
    "GET /v1/admin/feedback": ADMIN,
    "GET /v1/admin/usage": ADMIN,
    "GET /metrics": METRICS,
    "GET /healthz": None,
    "GET /health": None,
    "GET /health/ready": None,
    "GET /ready": None,
    "GET /readyz": None,
    "GET /": None,
    "GET /admin": None,
    "GET /docs": None,
    "GET /documents/{document_id}": None,
    "GET /openapi.json": None,
    "GET /demo": None,
    "GET /widget.js": None,
    "POST /v1/widget/session": None,
    "MOUNT /static": None,
}
OF_SOMEBODY = ("{conversation_id}", "{session_id}", "{message_id}")
OWNED = [
    route
    for route in NEEDS
    if any(name in route for name in OF_SOMEBODY) and not route.startswith("WEBSOCKET")  # test_sockets.py
]


def routes() -> Iterator[str]:
    """Every route of the application, as `METHOD /path`."""
    app = create_app(ScriptedService(Path("nowhere")))
    for context in iter_route_contexts(app.routes):
        if isinstance(context.route, Mount):
            yield f"MOUNT {context.path}"
            continue
        for method in sorted(context.methods or {"WEBSOCKET"}):
            if method not in ("HEAD", "OPTIONS"):
                yield f"{method} {context.path}"


ROUTES = sorted(set(routes()))
GUARDED = [route for route in ROUTES if NEEDS.get(route)]
BY_ORIGIN = "POST /v1/widget/session"
"""Asks for no key and for a page that is listed (test_widget_tokens.py)."""
OPEN = [route for route in ROUTES if route in NEEDS and NEEDS[route] is None and route != BY_ORIGIN]


def status(keyed: Keyed, route: str, key: str | None, ids: dict[str, str] | None = None) -> int:
    """What a caller with `key` gets; a WebSocket that is opened counts as 101."""
    method, path = route.split(" ")
    for name, value in (ids or {}).items():
        path = path.replace("{" + name + "}", value)
    path = path.replace("{", "").replace("}", "")
    headers = {"X-API-Key": key} if key else {}
    if method == "WEBSOCKET":
        try:
            with connect(keyed.base.replace("http", "ws") + path, additional_headers=headers):
                return 101
        except InvalidStatus as refused:
            return refused.response.status_code
    if method == "MOUNT":
        method, path = "GET", f"{path}/page.js"
    # Bodies hold nothing: who may come in is decided before what is asked is looked at.
    body = {} if method in ("POST", "PATCH", "PUT") else None
    with keyed.client(headers=headers) as client, client.stream(method, path, json=body) as reply:
        return reply.status_code


def test_every_route_says_who_may_use_it() -> None:
    assert sorted(NEEDS) == ROUTES, "say in NEEDS which scope a new route asks for, and in app.py"


@pytest.mark.parametrize("route", GUARDED)
def test_without_a_key_nobody_comes_in(keyed_once: Keyed, route: str) -> None:
    assert status(keyed_once, route, None) in (401, 403 if route.startswith("WEBSOCKET") else 401)


@pytest.mark.parametrize("kind", ["unknown", "made up", "of another key's secret", "revoked", "expired"])
@pytest.mark.parametrize("route", ROUTES)
def test_a_key_that_is_not_good_is_refused_everywhere(
    keyed_once: Keyed, bad_keys: dict[str, str], route: str, kind: str
) -> None:
    assert status(keyed_once, route, bad_keys[kind]) == (403 if route.startswith("WEBSOCKET") else 401)


@pytest.fixture(scope="module")
def by_scope(keyed_once: Keyed) -> dict[str, str]:
    """For each scope a key that has it alone, and one that has all others but admin, which has all."""
    others = {f"not {scope}": keyed_once.key("o", *(SCOPES - {scope, "admin"})) for scope in SCOPES}
    return {scope: keyed_once.key("s", scope) for scope in SCOPES} | others


@pytest.mark.parametrize("route", GUARDED)
def test_a_key_reaches_as_far_as_its_scope(keyed_once: Keyed, by_scope: dict[str, str], route: str) -> None:
    needed = NEEDS[route]
    assert status(keyed_once, route, by_scope[f"not {needed}"]) == 403
    assert status(keyed_once, route, by_scope[str(needed)]) not in (401, 403)
    assert status(keyed_once, route, by_scope["admin"]) not in (401, 403)


@pytest.mark.parametrize("route", OPEN)
def test_what_holds_nothing_of_the_documents_is_open(keyed_once: Keyed, route: str) -> None:
    assert status(keyed_once, route, None) not in (401, 403)


@pytest.mark.parametrize("route", OWNED)
def test_of_another_tenant_there_is_nothing(keyed_once: Keyed, route: str) -> None:
    mine, theirs = keyed_once.key("mine"), keyed_once.key("theirs")
    with keyed_once.client(mine) as client:
        said = client.post("/v1/chat", json={"message": "How do I reset it?"}).json()
    ids = {name: said[name] for name in ("conversation_id", "message_id")}
    ids["session_id"] = ids["conversation_id"]
    body = {"rating": "up"} if route.endswith("/feedback") else {"title": "x"}
    method, path = route.split(" ")
    for name, value in ids.items():
        path = path.replace("{" + name + "}", value)
    with keyed_once.client(theirs) as client, contextlib.suppress(httpx.ReadError):
        sent = {"json": body} if method in ("POST", "PATCH") else {}
        assert client.request(method, path, **sent).status_code == 404
