"""Who is calling right now, for the code that a request reaches, however deep: its principal, address and wishes.

A context variable, because a question comes through many faces (HTTP, WebSocket, OpenAI, MCP) and the limits that it
passes must not depend on each of them handing its caller down.
"""

from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ragchat.access import ANYONE, Principal

if TYPE_CHECKING:
    from ragchat.web.desk.desk import Desk


@dataclass(slots=True)
class Caller:
    """A call. `address` is the client's own, behind trusted proxies too; empty where there is none.

    `fresh`: an answer from the cache is not wanted. `headers` are put on the response; limits write them. `desk`: what
    its questions pass; None outside of a server.
    """

    principal: Principal = ANYONE
    address: str = ""
    fresh: bool = False
    headers: dict[str, str] = field(default_factory=dict)
    desk: "Desk | None" = None


_calling: ContextVar[Caller | None] = ContextVar("ragchat_caller", default=None)


def calling() -> Caller:
    """The current call; outside of one, anyone from this machine."""
    return _calling.get() or Caller()


def call(caller: Caller) -> None:
    """From here on, in this task and those that it starts, `caller` is calling."""
    _calling.set(caller)
