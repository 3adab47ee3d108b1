"""From what a caller shows to a principal: the one place that decides who is let in, whatever the transport.

A key that is shown and not good is refused even where none is asked for: whoever sends one believes that it protects
something. Without one, callers are anyone on an open server, and nobody on one that asks for keys.
"""

import asyncio
from datetime import UTC, datetime
from typing import Literal, TypeAlias

from anyio.to_thread import run_sync

from ragchat.access import ANYONE, NOBODY, Principal, keys, tokens
from ragchat.access.identity import Identities
from ragchat.access.keys import Key
from ragchat.access.ring import KeyRing
from ragchat.access.store import KeyStore
from ragchat.errors import Forbidden, Unauthorized

Asked: TypeAlias = Literal["always", "never", "when_there_are_any"]
"""Whether callers must show who they are. The last: as soon as a key was ever made, so that the first one locks the
door and revoking the last one does not open it again."""

_NOT_GOOD = "The key is not good: unknown, expired or revoked."
_MAKE = "`ragchat keys create NAME` makes one."


class Gate:
    """Lets callers in. Cheap enough to be asked again about those who stay long."""

    def __init__(self, store: KeyStore, asked: Asked, identities: Identities | None = None) -> None:
        self._store = store
        self._asked = asked
        self._identities = identities
        self._tokens: tokens.Tokens | None = None
        self._secret = asyncio.Lock()
        self.ring = KeyRing(store)

    async def principal(self, shown: str | None, origin: str | None = None) -> Principal:
        """Who shows `shown` (a key or token), called from the page `origin` if from a browser.

        Unauthorized for what is not good, Forbidden from a page that the key is not bound to, StorageFailed.
        """
        if shown is None:
            return await self._without()
        if shown.startswith(keys.PREFIX):
            return self._bound(await self._key(shown), origin).principal
        if shown.startswith(tokens.PREFIX):
            return await self._visitor(shown, origin)
        if self._identities is not None and shown.count(".") == 2:
            return await self._identities.principal(shown)
        asked = await self.asks()
        raise Unauthorized(_NOT_GOOD, hint=_MAKE if asked else "This server asks for none: leave it out.")

    async def tokens(self) -> tokens.Tokens:
        """What issues and reads the widget's tokens."""
        if self._tokens is None:
            async with self._secret:
                if self._tokens is None:
                    self._tokens = tokens.Tokens(await run_sync(self._store.token_secret))
        return self._tokens

    async def asks(self) -> bool:
        """Whether a caller without a key is turned away."""
        return await self._without() is NOBODY

    async def key(self, shown: str) -> Key:
        """The active key with this text, wherever it is called from. Unauthorized."""
        return await self._key(shown)

    def close(self) -> None:
        self._store.close()

    async def _without(self) -> Principal:
        match self._asked:
            case "never":
                return ANYONE
            case "always":
                return NOBODY
            case "when_there_are_any":
                return NOBODY if self._identities or await self.ring.keys() else ANYONE

    async def _key(self, shown: str) -> Key:
        known = await self.ring.find(keys.id_of(shown))
        if not keys.matches(known, shown) or known is None or known.state(datetime.now(UTC)) != "active":
            raise Unauthorized(_NOT_GOOD, hint=_MAKE)
        return known

    @staticmethod
    def _bound(key: Key, origin: str | None) -> Key:
        if key.origins and origin not in key.origins:
            raise Forbidden("The key may not be used from here.", code="origin_not_allowed")
        return key

    async def _visitor(self, shown: str, origin: str | None) -> Principal:
        visit = (await self.tokens()).read(shown, origin)
        if visit.key:
            issuer = await self.ring.find(visit.key)
            if issuer is None or issuer.state(datetime.now(UTC)) != "active":
                raise Unauthorized("The widget's token is not valid any more.", hint="Ask for a new one.")
        return visit.principal
