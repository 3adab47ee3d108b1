"""Waiting for an answer on behalf of a client that may go away meanwhile: then nobody's answer is not paid for."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar

import anyio
from fastapi import Request

from ragchat.answering.events import Cited, Done, Error, Event, Token
from ragchat.faces.collect import Collected, collect
from ragchat.web.live import Followed
from ragchat.web.problems import error_of

Result = TypeVar("Result")


async def whole(answer: Followed, request: Request) -> Collected:
    """The finished answer, or what there is of it when the client goes away."""

    async def finished() -> Collected:
        return await collect(item[1] async for item in answer.follow() if item is not None)

    with answer.followed():
        return await _while_connected(request, answer, finished) or await finished()


async def words_to_come(answer: Followed, request: Request) -> None:
    """Return once there is something to read. Raises what the answer failed by before: it can still be a status."""

    async def begun() -> bool:
        async for item in answer.follow():
            match item and item[1]:
                case Error() as failure:
                    raise error_of(failure)
                case Token() | Cited() | Done():
                    return True
        return True

    with answer.followed():
        await _while_connected(request, answer, begun)


async def plain(answer: Followed) -> AsyncIterator[Event | None]:
    """The events without their numbers; None is a sign of life."""
    async for item in answer.follow():
        yield item and item[1]


async def _while_connected(
    request: Request, answer: Followed, work: Callable[[], Awaitable[Result]]
) -> Result | None:
    """What `work` gives; None when the client went away first, and the answer is stopped."""
    result: Result | None = None
    failure: Exception | None = None
    async with anyio.create_task_group() as tasks:

        async def until_gone() -> None:
            while (await request.receive())["type"] != "http.disconnect":
                pass
            tasks.cancel_scope.cancel()

        tasks.start_soon(until_gone)
        try:
            result = await work()
        except Exception as raised:  # noqa: BLE001  # a task group would wrap it in a group
            failure = raised
        tasks.cancel_scope.cancel()
    if failure is not None:
        raise failure
    if result is None:
        await answer.stop("incomplete")
    return result
