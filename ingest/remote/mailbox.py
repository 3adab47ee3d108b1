"""A folder of an IMAP mailbox as a source: `imaps://user@host/INBOX`, read by TLS and left as it is (EXAMINE, PEEK).

A message never changes: UIDVALIDITY and UID name it for good (RFC 3501 2.3.1.1). The password comes from the
environment and is never part of a message or of what is stored.
"""

import imaplib
import os
import re
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Self
from urllib.parse import unquote, urlsplit

from ingest.extract import MAX_BYTES
from ingest.remote.brought import Brought
from ingest.remote.listed import Item, bring_items
from ingest.remote.mirror import Mirror
from ragchat.errors import DocumentFailed, UpstreamFailed, UsageError

PASSWORD: Final = "RAGCHAT_IMAP_PASSWORD"
SECONDS: Final = 60.0
_PORT: Final = 993
_FIT: Final = re.compile(r'[^\x00-\x1f"\\]+')


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One folder of one user."""

    user: str
    host: str
    port: int
    folder: str

    @classmethod
    def at(cls, address: str) -> Self:
        """Raises UsageError for what names no mailbox; a password in it is not repeated."""
        try:
            parts = urlsplit(address)
            port = parts.port or _PORT
        except ValueError:
            parts, port = urlsplit(""), _PORT
        user, folder = unquote(parts.username or ""), unquote(parts.path.strip("/")) or "INBOX"
        if (
            parts.scheme != "imaps"
            or not parts.hostname
            or not user
            or parts.password
            or not _FIT.fullmatch(folder)
        ):
            raise UsageError(
                "That names no mailbox that can be ingested.",
                hint=f"Write imaps://user@host/INBOX (the @ of a user as %40), and the password into {PASSWORD}.",
                code="bad_source",
            )
        return cls(user, parts.hostname, port, folder)

    @property
    def identity(self) -> str:
        port = "" if self.port == _PORT else f":{self.port}"
        return f"imaps://{self.user.replace('@', '%40')}@{self.host}{port}/{self.folder}"

    def bring(self, mirror: Mirror, told: Callable[[int], None]) -> Brought:
        """See `ingest.remote.source`."""
        password = os.environ.get(PASSWORD, "")
        if not password:
            raise UsageError(
                f"The password of {self.identity} is not set.", hint=f"Set {PASSWORD}.", code="access_refused"
            )
        try:
            with imaplib.IMAP4_SSL(
                self.host, self.port, ssl_context=ssl.create_default_context(), timeout=SECONDS
            ) as server:
                self._enter(server, password)
                items = self._items(server)
                return bring_items(self.identity, items, lambda item: _fetch(server, item), mirror, told)
        except (OSError, imaplib.IMAP4.error) as error:
            raise UpstreamFailed(
                f"{self.identity} cannot be read: {type(error).__name__}.",
                hint="Are host, port and folder right, and is its certificate trusted (SSL_CERT_FILE)?",
            ) from None

    def _enter(self, server: imaplib.IMAP4_SSL, password: str) -> None:
        try:
            server.login(self.user, password)
        except imaplib.IMAP4.abort:
            raise
        except (imaplib.IMAP4.error, UnicodeError):
            raise UsageError(
                f"{self.identity}: user or password was refused.",
                hint=f"Look at {PASSWORD}; many providers want a password for programs.",
                code="access_refused",
            ) from None

    def _items(self, server: imaplib.IMAP4_SSL) -> list[Item]:
        said, _ = server.select(f'"{self.folder}"', readonly=True)
        if said != "OK":
            raise UsageError(f"{self.identity}: there is no such folder.", code="no_such_path")
        _, told = server.response("UIDVALIDITY")
        validity = (told[0] or b"").decode() if told else ""
        said, found = server.uid("SEARCH", "ALL")
        if said != "OK" or not validity.isdecimal():
            raise UpstreamFailed(f"{self.identity} does not list its messages.")
        numbers = b" ".join(part for part in found if part).split()
        return [
            Item(f"{validity}-{number.decode()}.eml", f"{validity}-{number.decode()}")
            for number in numbers
            if number.isdigit()
        ]


def _fetch(server: imaplib.IMAP4_SSL, item: Item) -> bytes:
    number = item.version.partition("-")[2]
    said, found = server.uid("FETCH", number, f"(BODY.PEEK[]<0.{MAX_BYTES + 1}>)")
    content = next((part[1] for part in found if isinstance(part, tuple)), None)
    if said != "OK" or content is None:
        raise DocumentFailed("is gone or cannot be fetched.", code="unreachable")
    if len(content) > MAX_BYTES:
        raise DocumentFailed(f"is more than {MAX_BYTES:,} bytes.", code="too_large")
    return bytes(content)
