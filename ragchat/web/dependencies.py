"""What routers are given: the service, the answers that run, who asks, and the documents as they may see them."""

from typing import Annotated, TypeAlias, cast

from fastapi import Depends, Request
from fastapi.requests import HTTPConnection
from starlette.exceptions import HTTPException

from ragchat.access import ANYONE, Principal
from ragchat.web.guards.pages import may_call
from ragchat.web.library.shelves import Library
from ragchat.web.live import LiveAnswers
from ragchat.web.service import Service


def _service(connection: HTTPConnection) -> Service:
    return cast(Service, connection.app.state.service)


def _live(connection: HTTPConnection) -> LiveAnswers:
    return cast(LiveAnswers, connection.app.state.live)


def _principal(connection: HTTPConnection) -> Principal:
    """Whom the guards found the request to come from; without guards, anyone."""
    return cast(Principal, getattr(connection.state, "principal", ANYONE))


def _library(connection: HTTPConnection) -> Library:
    return Library(_service(connection), _principal(connection))


ServiceOf: TypeAlias = Annotated[Service, Depends(_service)]
LiveOf: TypeAlias = Annotated[LiveAnswers, Depends(_live)]
PrincipalOf: TypeAlias = Annotated[Principal, Depends(_principal)]
LibraryOf: TypeAlias = Annotated[Library, Depends(_library)]


async def own_page(request: Request, service: ServiceOf, principal: PrincipalOf) -> None:
    """403 where a page of another site sends what no browser asks about first: a form with files, an MCP message."""
    if not may_call(request.headers, service.settings.cors_origins, principal):
        raise HTTPException(403, "Pages of this origin may not do this.")
