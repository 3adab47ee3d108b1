"""People by the tokens of an identity provider: JWTs (RFC 7519) with a pinned issuer, audience and algorithms.

The provider's public keys come from a JWKS file or URL (RFC 7517). They are fetched when a token names a key that is
not known, at most once in `RETRY_SECONDS`: tokens with made-up key ids cannot make this server knock at the
provider's door.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any, Final

import httpx
import jwt

from ragchat.access import SCOPES, Principal, Scope
from ragchat.errors import StorageFailed, Unauthorized

RETRY_SECONDS: Final = 30.0
FRESH_SECONDS: Final = 3600.0
FETCH_SECONDS: Final = 5.0
LEEWAY_SECONDS: Final = 30
"""How far the clocks of the provider and this machine may be apart."""


@dataclass(frozen=True, slots=True)
class Provider:
    """Whose tokens are believed. `algorithms` are such with a public key: with a shared secret, whoever can check a
    token could also make one. `jwks` is a path or a URL; `groups_claim` names the claim that becomes tags."""

    issuer: str
    audience: str
    jwks: str
    algorithms: tuple[str, ...] = ("RS256",)
    groups_claim: str = "groups"


class Identities:
    """Reads the tokens of one provider."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        self._keys: Mapping[str | None, jwt.PyJWK] = {}
        self._tried_at = -FRESH_SECONDS
        self._fetching = asyncio.Lock()

    async def principal(self, token: str) -> Principal:
        """Whom a token names. Unauthorized when it is not good; StorageFailed when no keys can be had."""
        provider = self._provider
        try:
            key = await self._key(jwt.get_unverified_header(token).get("kid"))
            claims = jwt.decode(
                token,
                key,
                algorithms=list(provider.algorithms),
                audience=provider.audience,
                issuer=provider.issuer,
                leeway=LEEWAY_SECONDS,
                options={"require": ["exp", "iss", "aud", "sub"]},
            )
        except jwt.InvalidTokenError as wrong:
            raise Unauthorized("The token is not good.", hint="Sign in again.") from wrong
        return Principal(
            id=f"user:{claims['sub']}",
            tenant="users",
            user=str(claims["sub"]),
            scopes=_scopes(claims),
            tags=frozenset(_words(claims.get(provider.groups_claim))),
        )

    async def _key(self, kid: str | None) -> jwt.PyJWK:
        if self._due(kid):
            async with self._fetching:
                if self._due(kid):
                    await self._fetch()
        if kid is None and len(self._keys) == 1:
            return next(iter(self._keys.values()))
        if kid not in self._keys:
            raise jwt.InvalidTokenError("unknown key id")
        return self._keys[kid]

    def _due(self, kid: str | None) -> bool:
        return monotonic() - self._tried_at >= (FRESH_SECONDS if kid in self._keys else RETRY_SECONDS)

    async def _fetch(self) -> None:
        self._tried_at = monotonic()
        try:
            found = jwt.PyJWKSet.from_dict(json.loads(await self._document()))
        except (OSError, httpx.HTTPError, ValueError, jwt.PyJWTError) as refused:
            raise StorageFailed(
                "The keys of the identity provider cannot be had.",
                hint="Check RAGCHAT_JWT_JWKS: a file or the URL of a JSON Web Key Set.",
                code="jwks_unavailable",
            ) from refused
        self._keys = {key.key_id: key for key in found.keys}

    async def _document(self) -> str:
        if not self._provider.jwks.startswith(("http://", "https://")):
            return await asyncio.to_thread(Path(self._provider.jwks).read_text, "utf-8")
        async with httpx.AsyncClient(timeout=FETCH_SECONDS) as client:
            return (await client.get(self._provider.jwks)).raise_for_status().text


def _scopes(claims: Mapping[str, Any]) -> frozenset[Scope]:
    """Chat for everyone who can sign in, and what the claim `scope` grants as `ragchat:ingest` and the like."""
    granted = {word.removeprefix("ragchat:") for word in _words(claims.get("scope"))}
    return frozenset(scope for scope in SCOPES if scope == "chat" or scope in granted)


def _words(claim: object) -> Sequence[str]:
    if isinstance(claim, str):
        return claim.split()
    return [str(word) for word in claim] if isinstance(claim, list) else []
