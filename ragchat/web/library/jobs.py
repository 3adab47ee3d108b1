"""Uploads in the order that they came: one run at a time for each collection, whatever number of workers there is.

What was acknowledged is on the disk, so that a restart goes on with it. A collection that somebody else writes is
waited for. Uploads that came meanwhile share the next run.
"""

import asyncio
import fcntl
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack, asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
from anyio.to_thread import run_sync

from ragchat.errors import NotFound, NotReady, RagchatError, UsageError, WriterBusy
from ragchat.runtime.changing import Interrupted
from ragchat.web.library import records
from ragchat.web.library.dropping import FOLDER, Drop
from ragchat.web.library.outcomes import ended
from ragchat.web.library.records import Failure, Job
from ragchat.web.problems import said
from ragchat.web.service import Service

if TYPE_CHECKING:
    from ingest.report import IngestReport

BUSY_SECONDS = 1.0
"""Between two looks whether a collection can be written."""
log = structlog.get_logger("ragchat.web")


class Jobs:
    """The uploads of one service. Enter `kept` before use: unfinished ones go on, and end when it is left."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._running: dict[str, asyncio.Task[None]] = {}
        self._stopped = False

    @asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """While it is entered, uploads are brought in; one that is cut by leaving goes on at the next start."""
        for collection in await run_sync(self._left_over):
            self._wake(collection)
        try:
            yield
        finally:
            self._stopped = True
            for task in self._running.values():
                task.cancel()
            await asyncio.gather(*self._running.values(), return_exceptions=True)

    def drop(self, collection: str) -> Drop:
        return Drop.of(self._service.settings.index_dir, collection)

    async def submit(self, job: Job) -> None:
        """Keep the upload and see to it soon. OSError."""
        await run_sync(records.write, self.drop(job.collection).jobs, job)
        self._wake(job.collection)

    async def get(self, job_id: str) -> Job:
        """NotFound."""
        found = await run_sync(self._find, job_id)
        if found is None:
            raise NotFound("There is no such job.", code="no_such_job")
        return found

    def waiting(self, collection: str) -> int:
        """Uploads of the collection that have not ended. Blocks on the disk."""
        return len(records.unfinished(self.drop(collection).jobs))

    def _find(self, job_id: str) -> Job | None:
        folders = (self._service.settings.index_dir / FOLDER).glob("*/jobs")
        return next((job for folder in folders if (job := records.read(folder, job_id))), None)

    def _left_over(self) -> list[str]:
        folders = (self._service.settings.index_dir / FOLDER).glob("*/jobs")
        return [folder.parent.name for folder in folders if records.unfinished(folder)]

    def _wake(self, collection: str) -> None:
        task = self._running.get(collection)
        if task is None or task.done():
            name = f"uploads of {collection}"
            self._running[collection] = asyncio.create_task(self._work(collection), name=name)

    async def _work(self, collection: str) -> None:
        """Until nothing is left. The lock is one worker's; the others wait, and then find nothing to do."""
        drop = self.drop(collection)
        while await run_sync(records.unfinished, drop.jobs):
            with drop.lock.open("a") as lock:
                while not _locked(lock.fileno()):  # noqa: ASYNC110  # another process holds it: no event tells
                    await asyncio.sleep(BUSY_SECONDS)
                while jobs := await run_sync(records.unfinished, drop.jobs):
                    together = [job for job in jobs if job.acl == jobs[0].acl]
                    if not await self._bring_in(drop, together):
                        await asyncio.sleep(BUSY_SECONDS)

    async def _bring_in(self, drop: Drop, jobs: Sequence[Job]) -> bool:
        """One run for all of them; False when the collection is being written and they have to wait."""
        running = [replace(job, state="running") for job in jobs]
        try:
            await run_sync(self._write, drop, running)
            # A run that is cut publishes nothing and is left to end by itself (see changing.Interrupted).
            done = await run_sync(self._run, drop, jobs, abandon_on_cancel=True)
        except (WriterBusy, Interrupted):
            return False
        except RagchatError as error:
            failure = Failure(error.code, " ".join(said(error)).strip())
            done = [replace(job, state="failed", failure=failure, finished=time.time()) for job in jobs]
        except Exception:  # boundary: the task has no caller, and whoever polls must see an end
            log.exception("upload failed", collection=drop.base.name)
            failure = Failure("internal", "Something unexpected went wrong.")
            done = [replace(job, state="failed", failure=failure, finished=time.time()) for job in jobs]
        await run_sync(self._write, drop, done)
        return True

    def _run(self, drop: Drop, jobs: Sequence[Job]) -> list[Job]:
        collection, root = jobs[0].collection, drop.root(jobs[0].acl)
        report = self._report(collection, root, jobs[0].acl)
        with ExitStack() as stack:
            snapshot = None
            with suppress(NotReady, NotFound):  # nothing was ever published: no file had any text
                snapshot = stack.enter_context(self._service.snapshot(collection))
            return [
                replace(
                    job,
                    state="done",
                    files=tuple(ended(file, report, root, snapshot) for file in job.files),
                    generation=report.generation if report else None,
                    finished=time.time(),
                )
                for job in jobs
            ]

    def _report(self, collection: str, root: Path, acl: Sequence[str]) -> "IngestReport | None":
        """None where nothing of the folder can be read."""
        try:
            return self._service.bring_in(collection, root, acl, lambda: self._stopped)
        except UsageError as error:
            if error.code != "nothing_to_read":
                raise
            return None

    def _write(self, drop: Drop, jobs: Sequence[Job]) -> None:
        for job in jobs:
            records.write(drop.jobs, job)


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
