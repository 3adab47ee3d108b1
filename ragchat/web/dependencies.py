"""What routers are given: the service as the caller sees it, the answers that run, who asks, and what a route asks of
it. Coroutines, though none waits: FastAPI sends any other dependency through a thread, half a millisecond a request.
"""

from collections.abc import Awaitable, Callable
from typing import Annotated, TypeAlias, cast

from fastapi import Depends, Request
from fastapi.requests import HTTPConnection

from ragchat.access import ANYONE, Principal, Scope
from ragchat.access.gate import Gate
from ragchat.errors import Forbidden, Unauthorized
from ragchat.web.desk.desk import Desk
from ragchat.web.guards.pages import may_call
from ragchat.web.guards.seeing import seen_by
from ragchat.web.live import LiveAnswers
from ragchat.web.service import Service


async def _principal(connection: HTTPConnection) -> Principal:
    """Whom the guards found the request to come from; without guards, anyone."""
    return cast(Principal, getattr(connection.state, "principal", ANYONE))


PrincipalOf: TypeAlias = Annotated[Principal, Depends(_principal)]


async def _service(connection: HTTPConnection, principal: PrincipalOf) -> Service:
    return seen_by(cast(Service, connection.app.state.service), principal)


async def _live(connection: HTTPConnection) -> LiveAnswers:
    return cast(LiveAnswers, connection.app.state.live)


async def _desk(connection: HTTPConnection) -> Desk:
    return cast(Desk, connection.app.state.desk)


async def _gate(connection: HTTPConnection) -> Gate:
    return cast(Gate, connection.app.state.gate)


ServiceOf: TypeAlias = Annotated[Service, Depends(_service)]
LiveOf: TypeAlias = Annotated[LiveAnswers, Depends(_live)]
DeskOf: TypeAlias = Annotated[Desk, Depends(_desk)]
GateOf: TypeAlias = Annotated[Gate, Depends(_gate)]


async def own_page(request: Request, service: ServiceOf, principal: PrincipalOf) -> None:
    """403 where a page of another site sends what no browser asks about first: a form with files, an MCP message."""
    if not may_call(request.headers, service.settings.cors_origins, principal):
        raise Forbidden("Pages of this origin may not do this.", code="origin_not_allowed")


def needs(scope: Scope) -> Callable[[Principal], Awaitable[None]]:
    """A dependency for routes that only callers with `scope` may use: `dependencies=[Depends(needs("ingest"))]`."""

    async def required(principal: PrincipalOf) -> None:
        require(principal, scope)

    return required


def require(principal: Principal, scope: Scope) -> None:
    """Unauthorized for a caller that showed nothing, Forbidden for one whose key does not reach as far as `scope`."""
    if principal.may(scope):
        return
    if not principal.scopes:
        raise Unauthorized(
            "This server asks for a key.", hint="Send it as `Authorization: Bearer …`, or as X-API-Key."
        )
    raise Forbidden(
        f"The key does not have the scope {scope!r}.", hint="`ragchat keys create --scope` gives it."
    )
