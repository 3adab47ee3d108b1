"""Writing what answers say into the journal before anybody is shown it: one commit for whatever came meanwhile.

A quiet server commits each event at once; a busy one collects while the commit before is under way, and a moment
longer. A journal that refuses, or is slow, holds nobody up: the answers go on without it, and cannot be taken up again
from another worker.
"""

import asyncio
from collections.abc import Collection
from contextlib import suppress

import structlog

from ragchat.conversations import Journal
from ragchat.conversations.recording import in_time
from ragchat.errors import StorageFailed
from ragchat.web.live.answer import LiveAnswer

PAUSE_SECONDS = 0.01
"""Between two commits of a busy server."""
BUSY = 8
"""Answers in one commit, from which on a server is busy."""

log = structlog.get_logger("ragchat.web")


class Journaling:
    """The one writer of this process; `run` it in a task."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._waiting: dict[str, LiveAnswer] = {}
        self._lines: dict[str, int] = {}
        self._news = asyncio.Event()

    def add(self, answer: LiveAnswer) -> None:
        """`answer` has said something."""
        self._waiting[answer.message_id] = answer
        self._news.set()

    async def run(self) -> None:
        """Write until cancelled."""
        while True:
            await self._news.wait()
            self._news.clear()
            answers, self._waiting = self._waiting, {}
            await self._write(list(answers.values()))
            if len(answers) >= BUSY:
                await asyncio.sleep(PAUSE_SECONDS)

    async def flush(self) -> None:
        """Write what waits, when `run` is over."""
        answers, self._waiting = self._waiting, {}
        if answers:
            await self._write(list(answers.values()))

    async def _write(self, answers: Collection[LiveAnswer]) -> None:
        begin = {answer.message_id: self._lines.get(answer.message_id, 0) for answer in answers}
        lines = {
            answer.message_id: (begin[answer.message_id], answer.unwritten(begin[answer.message_id]))
            for answer in answers
        }
        ended = [answer.message_id for answer in answers if answer.ended]
        try:
            gone = await in_time(self._journal.append(lines, ended))
        except StorageFailed:
            gone = set(lines)
        except Exception:  # boundary: the task has no caller, and every answer waits for it
            log.exception("the journal failed")
            gone = set(lines)
        for answer in answers:
            count = begin[answer.message_id] + len(lines[answer.message_id][1])
            if answer.message_id in gone:
                answer.go_on_unwritten()
            else:
                answer.show(count)
                self._lines[answer.message_id] = count
            if answer.message_id in gone or answer.message_id in ended:
                self._lines.pop(answer.message_id, None)
            elif len(answer.unwritten(count)):
                self.add(answer)


async def cancelled(task: "asyncio.Task[None]") -> None:
    """Cancel a task of ours and wait for it."""
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
