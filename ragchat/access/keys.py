"""Keys: how they are made, written, hashed and compared. Where they are kept is store.py's business.

A key is `rck_<id>_<secret>`: the id finds its row and names it in logs, the secret is 256 random bits. What is stored
is the SHA-256 of the whole. A slow hash (bcrypt, argon2) protects secrets that people think up; 256 random bits
cannot be tried out, and every request would pay for it.
"""

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final, Literal, TypeAlias

from ragchat.access import Principal, Scope

PREFIX: Final = "rck_"
State: TypeAlias = Literal["active", "expired", "revoked"]
_NO_KEY: Final = sha256(b"").hexdigest()


@dataclass(frozen=True, slots=True)
class Key:
    """A key as it is stored; times are UTC. Keys of one name are one tenant: that is how a key is replaced by another.

    None for collections or tags: all of them. `origins`: the pages that may send it from a browser; empty: it is not
    asked for. `tokens_per_day`: see Principal.
    """

    id: str
    name: str
    digest: str
    scopes: frozenset[Scope]
    created: datetime
    collections: frozenset[str] | None = None
    tags: frozenset[str] | None = None
    origins: frozenset[str] = frozenset()
    expires: datetime | None = None
    revoked: datetime | None = None
    tokens_per_day: int | None = None

    def state(self, now: datetime) -> State:
        """What it is worth at `now`."""
        if self.revoked is not None and self.revoked <= now:
            return "revoked"
        return "expired" if self.expires is not None and self.expires <= now else "active"

    @property
    def principal(self) -> Principal:
        """Who calls with it."""
        return Principal(
            id=f"key:{self.id}",
            tenant=self.name,
            scopes=self.scopes,
            collections=self.collections,
            tags=self.tags,
            tokens_per_day=self.tokens_per_day,
        )


def new_secret() -> tuple[str, str]:
    """A new key as (id, whole text). The text is shown once and stored nowhere."""
    key_id = secrets.token_hex(6)
    return key_id, f"{PREFIX}{key_id}_{secrets.token_urlsafe(32)}"


def digest_of(text: str) -> str:
    """What is stored of a key."""
    return sha256(text.encode()).hexdigest()


def id_of(text: str) -> str:
    """The id that a key's text carries; empty for anything else."""
    return text.removeprefix(PREFIX).partition("_")[0] if text.startswith(PREFIX) else ""


def matches(key: Key | None, text: str) -> bool:
    """Whether `text` is the key, in a time that tells nothing, also not whether there is such an id."""
    same = hmac.compare_digest(digest_of(text), key.digest if key else _NO_KEY)
    return same and key is not None
