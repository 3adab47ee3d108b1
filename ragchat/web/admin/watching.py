"""A run that somebody watches: its progress as lines of JSON, and its report or failure as the last one.

The run is as long as the response: who goes away ends it, with nothing published; what was embedded is kept for the
next time. So there is no job to keep, and no run that nobody knows of.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import structlog
from anyio.to_thread import run_sync
from pydantic_core import to_json

from ingest.options import Observer
from ragchat.errors import RagchatError

if TYPE_CHECKING:
    from ingest.report import IngestReport, Outcome, Stage

MEDIA_TYPE: Final = "application/x-ndjson"
APART: Final = 0.2
"""Seconds between two lines of progress, at least."""
IDLE: Final = 10.0
"""Seconds after which the line is sent again, so that nobody in between takes the connection for dead."""
log = structlog.get_logger("ragchat.web")


class Abandoned(Exception):
    """Nobody watches the run any more."""


@dataclass(slots=True)
class Progress:
    """How far the run is: files found and read, documents that have their end, chunks embedded, and of the checks that
    look at the new generation how many of how many questions were asked."""

    stage: str = "scan"
    files: int = 0
    read: int = 0
    documents: int = 0
    chunks: int = 0
    asked: int = 0
    questions: int = 0


Kind: TypeAlias = Literal["progress", "done", "error"]


class Watcher(Observer):
    """Tells `say` how far the run is; called on the thread of the run. Raises Abandoned there after `leave`."""

    def __init__(self, say: Callable[[Progress], None]) -> None:
        self._say = say
        self._progress = Progress()
        self._told = 0.0
        self._left = False

    def leave(self) -> None:
        self._left = True

    def stage(self, stage: "Stage") -> None:
        self._progress.stage = stage
        self._tell(at_once=True)

    def found(self, files: int) -> None:
        self._progress.files = files
        self._tell()

    def read(self, files: int) -> None:
        self._progress.read = files
        self._tell()

    def finished(self, outcome: "Outcome") -> None:
        self._progress.documents += 1
        self._tell()

    def embedded(self, chunks: int) -> None:
        self._progress.chunks += chunks
        self._tell()

    def asked(self, done: int, total: int) -> None:
        self._progress.asked, self._progress.questions = done, total
        self._tell()

    def _tell(self, *, at_once: bool = False) -> None:
        if self._left:
            raise Abandoned
        if at_once or monotonic() - self._told >= APART:
            self._told = monotonic()
            self._say(Progress(**asdict(self._progress)))


async def watched(run: "Callable[[Observer], IngestReport]") -> "AsyncIterator[bytes]":
    """The lines of `run`. What it raises before it has told anything is raised here, before the first line."""
    loop = asyncio.get_running_loop()
    told: asyncio.Queue[Progress | None] = asyncio.Queue()

    def say(progress: Progress | None) -> None:
        with suppress(RuntimeError):  # the loop is closed: the process ends
            loop.call_soon_threadsafe(told.put_nowait, progress)

    watcher = Watcher(say)
    running = asyncio.create_task(run_sync(partial(run, watcher), abandon_on_cancel=True))
    running.add_done_callback(lambda _: told.put_nowait(None))
    first = await told.get()
    if first is None:
        running.result()
    return _lines(first, told, running, watcher)


async def _lines(
    first: Progress | None,
    told: asyncio.Queue[Progress | None],
    running: "asyncio.Task[IngestReport]",
    watcher: Watcher,
) -> AsyncIterator[bytes]:
    progress = first or Progress()
    following = first
    try:
        while following is not None:
            progress = following
            yield _line("progress", asdict(progress))
            following = await _next(told, progress)
        yield _end(running)
    finally:
        watcher.leave()
        running.cancel()


async def _next(told: asyncio.Queue[Progress | None], before: Progress) -> Progress | None:
    try:
        return await asyncio.wait_for(told.get(), IDLE)
    except TimeoutError:
        return before


def _end(running: "asyncio.Task[IngestReport]") -> bytes:
    try:
        return _line("done", {"report": running.result().as_json()})
    except RagchatError as error:
        return _line("error", {"code": error.code, "message": error.message, "hint": error.hint})
    except Exception:  # boundary: the status is sent, and whoever watches must see an end
        log.exception("ingest failed")
        return _line("error", {"code": "internal", "message": "Something unexpected went wrong.", "hint": ""})


def _line(kind: Kind, content: dict[str, object]) -> bytes:
    return to_json({"type": kind, **content}) + b"\n"
