"""A service over a real socket, and the small files that its index is made of."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import uvicorn

from ragchat.web.app import create_app
from ragchat.web.service import Service

ROUTER = """# Router manual

## Resetting the router

Hold the power button for ten seconds to reset the router. All settings are lost; the password is printed below.

## Warranty

The warranty of the router is 36 months from delivery.
"""
OFFICE = """# Office handbook 🦊

The office opens at seven in the morning and closes at eight in the evening.

Visitors sign in at the desk on the ground floor and wear a badge.
"""
PAGE = (
    "<html><head><title>Shop</title></head><body><h1>Shop</h1>"
    "<p>The shop in Ostend sells spare fuses.</p><script>alert(1)</script></body></html>"
)
JSONL = '{"id": "../../secret", "title": "Ticket", "text": "The gateway in the cellar lost its radio link.", "url": "https://desk.example/1"}\n'

Serve = Callable[[Service], AbstractContextManager[str]]


@contextmanager
def served(service: Service) -> Iterator[str]:
    """uvicorn in a thread on a free port; gives the base URL."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(create_app(service), log_config=None, timeout_graceful_shutdown=2, lifespan="on")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(20)
        listener.close()
