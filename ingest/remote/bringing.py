"""Bringing a source that is no folder: the one place that knows which kinds there are."""

from collections.abc import Callable
from pathlib import Path

from ingest.remote.addresses import kind_of
from ingest.remote.brought import Brought, SiteOptions
from ingest.remote.git import bring_repository, repository_of
from ingest.remote.mirror import Mirror
from ingest.remote.web.site import Site, bring_site


def bring(address: str, mirrors: Path, options: SiteOptions, told: Callable[[int], None]) -> Brought:
    """Brings the mirror of `address` in line; `told` is given the number of files brought so far.

    Raises UsageError (an address of which nothing can be brought, a refusal of the source as a whole), UpstreamFailed
    (it cannot be reached), StorageFailed, WriterBusy.
    """
    if kind_of(address) == "git":
        repository = repository_of(address)
        mirror = Mirror(mirrors, repository.identity)
        with mirror.held():
            commit = bring_repository(repository, mirror.files)
        folder = mirror.files / repository.folder if repository.folder else mirror.files
        return Brought(repository.identity, folder, facts={"commit": commit})
    site = Site.at(address)
    mirror = Mirror(mirrors, site.start)
    with mirror.held():
        uris, failed = bring_site(site, mirror, options, told)
    return Brought(site.start, mirror.files, uris, failed=failed)
