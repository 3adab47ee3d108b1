"""Short-lived signed tokens for pages that embed the widget: bound to a site, its origin and one visitor's session.

A token is `rcw_` and a JWT (HS256) with the server's own secret; nothing of it is stored. It says what its bearer may
read, so that the site's configuration is looked at once, when it is issued. One that was issued for a key dies with it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import jwt

from ragchat.access import Principal
from ragchat.errors import Forbidden, Unauthorized

PREFIX: Final = "rcw_"
AUDIENCE: Final = "ragchat-widget"
SECONDS: Final = 15 * 60
"""How long a token is good: long enough for a conversation between two renewals, short enough to be stolen in vain."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One visitor of one site. `origin` as browsers send it (`https://shop.example`); `key` is the id of the key that
    it was issued for, empty where the server's settings name the site. None for collections or tags: all of them.
    """

    site: str
    origin: str
    session: str
    key: str = ""
    collections: frozenset[str] | None = None
    tags: frozenset[str] | None = None

    @property
    def principal(self) -> Principal:
        """Who calls with it: a visitor owns its own conversations, in the tenant of its site."""
        return Principal(
            id=f"widget:{self.site}",
            tenant=f"widget:{self.site}",
            user=self.session,
            scopes=frozenset({"chat"}),
            collections=self.collections,
            tags=self.tags,
        )


class Tokens:
    """Issues and reads the tokens of one server; all of its workers share the secret."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def issue(self, visit: Visit, *, seconds: int = SECONDS) -> str:
        """A token for `visit` that is good for `seconds` from now."""
        now = datetime.now(UTC)
        claims: dict[str, Any] = {
            "aud": AUDIENCE,
            "sub": visit.session,
            "site": visit.site,
            "origin": visit.origin,
            "key": visit.key,
            "collections": _listed(visit.collections),
            "tags": _listed(visit.tags),
            "iat": now,
            "exp": now + timedelta(seconds=seconds),
        }
        return PREFIX + jwt.encode(claims, self._secret, algorithm="HS256")

    def read(self, token: str, origin: str | None) -> Visit:
        """The visit of a token that is sent from `origin`. Unauthorized when it is not ours or over, Forbidden from
        another page."""
        required = ["exp", "aud", "sub", "site", "origin"]
        try:
            claims = jwt.decode(
                token.removeprefix(PREFIX),
                self._secret,
                algorithms=["HS256"],
                audience=AUDIENCE,
                options={"require": required},
            )
        except jwt.InvalidTokenError as wrong:
            raise Unauthorized(
                "The widget's token is not valid any more.", hint="Ask for a new one."
            ) from wrong
        if origin is not None and origin != claims["origin"]:
            raise Forbidden("The token was issued for another page.", code="origin_not_allowed")
        return Visit(
            site=claims["site"],
            origin=claims["origin"],
            session=claims["sub"],
            key=claims.get("key", ""),
            collections=_set(claims.get("collections")),
            tags=_set(claims.get("tags")),
        )


def _listed(names: frozenset[str] | None) -> list[str] | None:
    return None if names is None else sorted(names)


def _set(names: Sequence[str] | None) -> frozenset[str] | None:
    return None if names is None else frozenset(names)
