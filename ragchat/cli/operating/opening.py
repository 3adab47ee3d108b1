"""How `ragchat serve` opens its doors: the checks before it listens, the socket, one process or several.

Several workers share one listening socket; uvicorn's supervisor starts them anew when they die. Each builds its own
service, from the environment, into which the options of the command line were written.
"""

import os
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from ragchat.cli.terminal.output import err
from ragchat.errors import UsageError

if TYPE_CHECKING:
    import uvicorn

    from ragchat.settings import Settings

WORKER: Final = "ragchat.web.guards.worker:application"


def require_keys(settings: "Settings") -> None:
    """UsageError when everyone who can reach the server could read everything, and nobody said that this is meant."""
    from datetime import UTC, datetime

    from ragchat.access.store import KeyStore
    from ragchat.settings import is_loopback

    if is_loopback(settings.host) or settings.jwt_issuer or settings.api_keys == "required":
        return  # required: nobody comes in before the first key is made
    if settings.api_keys == "open":
        err().print(
            f"warning: {settings.host} can be reached from other machines, no key is asked for, and everyone who"
            " reaches it can read every document.",
            markup=False,
        )
        return
    now = datetime.now(UTC)
    if not any(key.state(now) == "active" for key in KeyStore(settings.keys_url).every()):
        raise UsageError(
            f"{settings.host} can be reached from other machines, and there is no key that would let anyone in.",
            hint="Make one with `ragchat keys create NAME`, or let everyone in with --open (RAGCHAT_API_KEYS=open).",
            code="no_keys",
        )


def listening(settings: "Settings") -> socket.socket:
    """A socket at the settings' address. UsageError when it cannot be had.

    Linux resets connections whose peer has taken nothing for `slow_reader_seconds` (RFC 5482): closing one with a full
    buffer would wait for the peer for ever.
    """
    listener = socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        milliseconds = int(settings.slow_reader_seconds * 1000)
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, milliseconds)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        raise UsageError(
            f"Cannot listen on {settings.host}:{settings.port}: {error.strerror}.",
            hint="Another program may use the port; choose one with --port (0: any free one).",
            code="cannot_listen",
        ) from error
    return listener


def run_one(settings: "Settings", listener: socket.socket, announce: Callable[[], None]) -> None:
    """Serve in this process until it is told to stop."""
    import uvicorn

    from ragchat.runtime.operating.logs import configure_logging
    from ragchat.runtime.operating.memory import few_arenas
    from ragchat.runtime.runtime import Runtime
    from ragchat.web.app import create_app

    class Server(uvicorn.Server):
        """Says where it listens once it does."""

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            announce()

    few_arenas()
    configure_logging(settings.log_level, settings.log_format)
    Server(_config(create_app(Runtime(settings, lasting=True)), settings)).run(sockets=[listener])


def run_several(settings: "Settings", listener: socket.socket, announce: Callable[[], None]) -> None:
    """Serve in `settings.workers` processes until this one is told to stop."""
    import tempfile

    from uvicorn.supervisors import Multiprocess

    from ragchat.runtime.operating import memory
    from ragchat.runtime.operating.logs import configure_logging

    if settings.workers > settings.max_concurrent:
        raise UsageError(
            f"{settings.workers} workers cannot share {settings.max_concurrent} answers at once.",
            hint="Raise RAGCHAT_MAX_CONCURRENT, or start fewer workers.",
            code="too_many_workers",
        )
    configure_logging(settings.log_level, settings.log_format)
    if not settings.redis_url:
        err().print(
            "note: without RAGCHAT_REDIS_URL each worker counts rate limits and budgets for itself.",
            markup=False,
        )
    with tempfile.TemporaryDirectory(prefix="ragchat-metrics-") as measures:
        os.environ.update(_environment(settings), PROMETHEUS_MULTIPROC_DIR=measures)
        os.environ.setdefault(memory.VARIABLE, str(memory.ARENAS))  # read by the workers' C library
        config = _config(
            WORKER, settings, factory=True, workers=settings.workers, timeout_worker_healthcheck=30
        )
        listener.listen(2048)
        announce()
        Multiprocess(config, [listener]).run()


WS_MAX_SIZE = 131_072
"""Bytes of a WebSocket frame that are taken in before it is closed; above what is allowed, which is told politely."""


def _config(app: Any, settings: "Settings", **more: Any) -> "uvicorn.Config":
    import uvicorn

    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        proxy_headers=False,
        timeout_graceful_shutdown=settings.shutdown_grace,
        ws_max_size=WS_MAX_SIZE,
        **more,
    )


def _environment(settings: "Settings") -> dict[str, str]:
    """The settings as variables for the workers: the command line's options are among them."""
    values: dict[str, str] = {}
    for name, value in settings.model_dump(exclude_unset=True, exclude_none=True).items():
        secret = getattr(value, "get_secret_value", None)
        plain = secret() if secret else ",".join(map(str, value)) if isinstance(value, tuple) else value
        values[f"RAGCHAT_{name.upper()}"] = str(plain)
    return values
