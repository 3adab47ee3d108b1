"""Addresses that can be ingested, told by their form. Nothing is connected to here."""

import re
from typing import Final, Literal, TypeAlias

from ragchat.errors import UsageError

Kind: TypeAlias = Literal["web", "git", "s3", "imap"]

_ADDRESS: Final = re.compile(r"([a-z][a-z0-9+.-]*)://", re.IGNORECASE)
_SCP: Final = re.compile(r"[\w.-]+@[\w.-]+:(?!//)\S")
_GIT_SCHEMES: Final = frozenset({"git", "ssh", "git+https", "git+http", "git+ssh", "git+file"})
_INSTEAD: Final = {
    "gs": "Copy it first (gsutil rsync -r ADDRESS ./bucket) and give the folder; run both again to follow changes.",
    "imap": "Mail is read by TLS only: write imaps://user@host/INBOX.",
}
_OTHER: Final = (
    "Web sites (https://…), git repositories (git+https://…, git@host:…), buckets (s3://…) and mailboxes (imaps://…) "
    "can be ingested as they are."
)


def is_address(given: str) -> bool:
    """Whether it names a place elsewhere rather than a path or a LangChain loader."""
    return _ADDRESS.match(given) is not None or _SCP.match(given) is not None


def kind_of(address: str) -> Kind:
    """Raises UsageError for an address of which nothing can be brought."""
    scheme = _scheme(address)
    if _SCP.match(address) or scheme in _GIT_SCHEMES:
        return "git"
    if scheme in ("http", "https"):
        return "git" if address.partition("#")[0].rstrip("/").endswith(".git") else "web"
    if scheme == "s3":
        return "s3"
    if scheme == "imaps":
        return "imap"
    raise UsageError(
        f"{address} is an address that `ragchat ingest` cannot read.",
        hint=_INSTEAD.get(scheme, _OTHER).replace("ADDRESS", address),
        code="no_such_path",
    )


def _scheme(address: str) -> str:
    found = _ADDRESS.match(address)
    return found[1].lower() if found else ""
