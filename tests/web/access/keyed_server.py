"""A server that asks for keys, with its keys and clients at hand."""

from dataclasses import dataclass
from typing import Any

import httpx
from scripted_service import ScriptedService

from ragchat.access.store import KeyStore


@dataclass
class Keyed:
    """A running server, its service, and its keys."""

    base: str
    service: ScriptedService
    store: KeyStore

    def key(self, name: str = "shop", *scopes: str, **bounds: Any) -> str:
        """The text of a new key."""
        return self.store.create(name=name, scopes=frozenset(scopes or ("chat",)), **bounds)[1]

    def client(self, key: str | None = None, **options: Any) -> httpx.Client:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        return httpx.Client(base_url=self.base, headers={**headers, **options.pop("headers", {})}, **options)
