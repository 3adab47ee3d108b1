"""Who asks, and what they may: the values, the keys and where they are kept, tokens, and what is too much.

How a request shows who it is from is ragchat.web.guards' business. One principal stands for a caller whatever way the
call came (HTTP, SSE, WebSocket, widget). Its tenant and user own conversations; its tags narrow every search; None for
collections or tags means that nothing is held back.
"""

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

Scope: TypeAlias = Literal["chat", "ingest", "admin", "metrics"]
SCOPES: Final[frozenset[Scope]] = frozenset({"chat", "ingest", "admin", "metrics"})


@dataclass(frozen=True, slots=True)
class Principal:
    """A caller. `id` names it in logs and limits and is no secret; `admin` may do what every other scope may.

    `tenant` is the key's own name ("" on a server without keys); `user` is known where the caller proved it (a token's
    subject, a widget's session), else None: then requests may name one. A conversation belongs to both.
    `tokens_per_day` is what all of the key's callers may spend together, None: as much as they like.
    """

    id: str
    tenant: str = ""
    user: str | None = None
    scopes: frozenset[Scope] = frozenset({"chat"})
    collections: frozenset[str] | None = None
    tags: frozenset[str] | None = None
    tokens_per_day: int | None = None

    def may(self, scope: Scope) -> bool:
        """Whether it holds `scope`, or all of them."""
        return scope in self.scopes or "admin" in self.scopes

    def reads(self, collection: str) -> bool:
        """Whether it may ask and search in `collection`."""
        return self.collections is None or collection in self.collections


ANYONE: Final = Principal(id="anyone", scopes=SCOPES)
"""Who calls a server that asks for no keys: it listens on loopback, or was told to trust whoever reaches it."""
NOBODY: Final = Principal(id="nobody", scopes=frozenset())
"""Who calls a server that asks for keys, and sent none: health, pages and what else needs no scope is open to it."""
