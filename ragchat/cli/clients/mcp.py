"""`ragchat mcp`: the tools `search` and `ask` for a program that starts this one and speaks MCP over its stdin."""

import sys
from typing import Annotated

import typer

from ragchat.cli.options import Collection, IndexDir, settings_for
from ragchat.cli.terminal.output import err

Model = Annotated[
    str | None, typer.Option("--model", help="extractive, or provider:model. [RAGCHAT_CHAT_MODEL]")
]


def mcp(collection: Collection = None, index_dir: IndexDir = None, model: Model = None) -> None:
    """Serve the documents to an MCP client over stdin and stdout.

    For desktop assistants and agents, in their configuration as {"command": "ragchat", "args": ["mcp"]}. A running
    `ragchat serve` has the same tools at /mcp. Nothing that is asked is recorded.
    """
    import asyncio

    from ragchat.runtime.operating.logs import configure_logging
    from ragchat.runtime.runtime import Runtime
    from ragchat.web.live import LiveAnswers
    from ragchat.web.mcp.tools import tool_server

    settings = settings_for(collection, index_dir, chat_model=model)
    configure_logging("warning", settings.log_format)
    if sys.stdin.isatty():
        err().print("Waiting for an MCP client on stdin (see docs/clients.md); Ctrl-C ends it.", markup=False)

    async def run() -> None:
        async with Runtime(settings) as runtime:
            live = LiveAnswers(runtime.conversations)
            try:
                await tool_server(runtime, lambda: live, record=False).run_stdio_async()
            finally:
                await live.close()

    asyncio.run(run())
