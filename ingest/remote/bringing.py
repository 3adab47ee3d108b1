"""Bringing a source that is no folder: the one place that knows which kinds there are."""

from collections.abc import Callable
from pathlib import Path

from ingest.remote.addresses import kind_of
from ingest.remote.brought import Brought, SiteOptions
from ingest.remote.bucket import Bucket
from ingest.remote.git import repository_of
from ingest.remote.mailbox import Mailbox
from ingest.remote.mirror import Mirror
from ingest.remote.source import Source
from ingest.remote.web.site import Site


def source_of(address: str, options: SiteOptions) -> Source:
    """Raises UsageError for an address of which nothing can be brought. Nothing is connected to."""
    match kind_of(address):
        case "git":
            return repository_of(address)
        case "s3":
            return Bucket.at(address)
        case "imap":
            return Mailbox.at(address)
        case "web":
            return Site.at(address, options)


def bring(address: str, mirrors: Path, options: SiteOptions, told: Callable[[int], None]) -> Brought:
    """Brings the mirror of `address` in line; `told` is given the number of files brought so far.

    Raises UsageError (an address of which nothing can be brought, a refusal of the source as a whole), UpstreamFailed
    (it cannot be reached), StorageFailed, WriterBusy.
    """
    source = source_of(address, options)
    mirror = Mirror(mirrors, source.identity)
    with mirror.held():
        return source.bring(mirror, told)
