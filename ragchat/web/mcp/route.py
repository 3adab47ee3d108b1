"""`/mcp`: the tools over streamable HTTP. No sessions: every request stands alone, so that any replica answers it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from starlette.types import Receive, Scope, Send

from ragchat.web.dependencies import own_page
from ragchat.web.mcp.tools import tool_server
from ragchat.web.service import Service

router = APIRouter(include_in_schema=False)


class _Handled(Response):
    """The reply that the SDK makes of the request."""

    def __init__(self, manager: StreamableHTTPSessionManager) -> None:
        super().__init__()
        self._manager = manager

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._manager.handle_request(scope, receive, send)


@router.api_route("/mcp", methods=["GET", "POST", "DELETE"], dependencies=[Depends(own_page)])
async def mcp(request: Request) -> Response:
    """One message of the protocol."""
    return _Handled(cast(StreamableHTTPSessionManager, request.app.state.mcp))


@asynccontextmanager
async def tools_served(app: FastAPI, service: Service) -> AsyncIterator[None]:
    """While it is entered, `/mcp` answers; the answers that run are those of `app.state.live`."""

    server = tool_server(service, lambda: app.state.live, record=True)
    server.streamable_http_app(
        stateless_http=True
    )  # makes the manager; the application around it is not used
    app.state.mcp = server.session_manager
    ready, leaving = asyncio.Event(), asyncio.Event()

    async def run() -> (
        None
    ):  # in a task of its own: who enters and who leaves a lifespan need not be the same one
        async with server.session_manager.run():
            ready.set()
            await leaving.wait()

    running = asyncio.create_task(run(), name="ragchat: MCP")
    running.add_done_callback(lambda _: ready.set())
    await ready.wait()
    try:
        yield
    finally:
        leaving.set()
        await running
