"""Logging for a server: one line an event on stderr, JSON where no person watches.

Keys and card numbers are taken out of every line: an exception may carry the text that it failed on.
"""

import logging
import sys
from typing import TYPE_CHECKING, Literal

from ragchat.answering.moderating.secrets import redacted

if TYPE_CHECKING:
    from structlog.typing import EventDict


def configure_logging(level: str, style: Literal["auto", "console", "json"]) -> None:
    """Send structlog and standard logging through one formatter. Called once, by the command that serves."""
    import structlog  # 100 ms: no command but serve logs

    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    as_json = style == "json" or (style == "auto" and not sys.stderr.isatty())
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer()
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                _without_secrets,
                renderer,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for chatty in ("httpx", "httpcore", "httpx2", "httpcore2", "openai", "watchfiles", "faiss", "aiosqlite"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def _without_secrets(_logger: object, _method: str, event: "EventDict") -> "EventDict":
    """The texts of the event, the formatted traceback among them, redacted."""
    return {name: redacted(value) if isinstance(value, str) else value for name, value in event.items()}
