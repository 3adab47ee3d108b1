"""Bringing a site into its mirror: from its start and its sitemaps along its links, asking only for what changed.

A page that answers 404 or 410 leaves the mirror; one that fails otherwise stays as it was and is told. A page that was
known and is linked no more is asked for by itself: while it is there, it is part of the site.
"""

import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Final, Self
from urllib.parse import urlsplit

from ingest.fetching import Fetched, Fetcher, FetchFailed
from ingest.remote.brought import Brought, SiteOptions
from ingest.remote.mirror import Mirror
from ingest.remote.web.names import SUFFIXES, file_of, normal
from ingest.remote.web.page import Page, page_of
from ingest.remote.web.rules import Robots, robots_of, sitemap_addresses
from ingest.report import Outcome
from ragchat.errors import UpstreamFailed, UsageError

_USUAL: Final = SiteOptions()
_GONE: Final = frozenset({404, 410})


@dataclass(frozen=True, slots=True)
class Site:
    """`start` in one spelling; below `prefix` is the site."""

    start: str
    prefix: str
    options: SiteOptions = _USUAL

    @classmethod
    def at(cls, address: str, options: SiteOptions = _USUAL) -> Self:
        """Raises UsageError for what is no address of a page."""
        start = normal(address)
        if not start:
            raise UsageError(
                "That is no address of a web site that can be ingested.",
                hint="Write it as https://docs.example.com/, without user name and password.",
                code="bad_source",
            )
        return cls(start, start[: start.rindex("/") + 1], options)

    @property
    def identity(self) -> str:
        return self.start

    def bring(self, mirror: Mirror, told: Callable[[int], None]) -> Brought:
        """See `ingest.remote.source`."""
        uris, failed = bring_site(self, mirror, self.options, told)
        return Brought(self.start, mirror.files, uris, failed=failed)

    @property
    def host(self) -> str:
        return urlsplit(self.start).hostname or ""

    def holds(self, address: str) -> bool:
        return address == self.start or address.startswith(self.prefix)


@dataclass(frozen=True, slots=True)
class Known:
    """What is remembered of a page: its file, and how to ask whether it changed."""

    key: str
    etag: str = ""
    modified: str = ""
    robots: str = ""

    def question(self) -> dict[str, str]:
        """The headers of a conditional request (RFC 9110 13.1)."""
        headers = {"If-None-Match": self.etag, "If-Modified-Since": self.modified}
        return {name: value for name, value in headers.items() if value}


def bring_site(
    site: Site, mirror: Mirror, options: SiteOptions, told: Callable[[int], None]
) -> tuple[dict[str, str], tuple[Outcome, ...]]:
    """Addresses of the mirror's files by key, and what failed. Raises UpstreamFailed when the site cannot be reached,
    UsageError when its robots.txt forbids the start."""
    with Fetcher(private=frozenset({site.host}) if options.private else frozenset()) as fetcher:
        try:
            robots = robots_of(fetcher, site.start)
        except FetchFailed as error:
            raise _unreached(site.start, error) from error
        if not robots.allows(site.start):
            raise UsageError(
                f"{site.start}: the site's robots.txt does not want to be read by programs.",
                hint="Ask its owner to allow the user agent ragchat, or ingest a copy of the files.",
                code="forbidden_by_robots",
            )
        crawl = _Crawl(site, mirror, options, fetcher, robots, told)
        crawl.run()
    return {known.key: address for address, known in crawl.found.items()}, tuple(crawl.failed)


@dataclass(slots=True)
class _Crawl:
    """The state of one crawl; `found` becomes what is remembered."""

    site: Site
    mirror: Mirror
    options: SiteOptions
    fetcher: Fetcher
    robots: Robots
    told: Callable[[int], None]
    found: dict[str, Known] = field(default_factory=dict)
    failed: list[Outcome] = field(default_factory=list)
    before: dict[str, Known] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    waiting: deque[tuple[str, int]] = field(default_factory=deque)

    def run(self) -> None:
        self.before = _remembered(self.mirror.state())
        self._expect(self.site.start, 0)
        for address in sitemap_addresses(self.fetcher, self.site.start, self.robots):
            self._expect(normal(address), 1)
        try:
            self._follow()
            for address in sorted(self.before.keys() - self.seen):
                self._expect(address, self.options.depth)
            self._follow()
        finally:
            # What was not asked for stays: a crawl that is stopped or limited says nothing about the rest.
            asked = self.seen - {address for address, _ in self.waiting}
            kept = {address: known for address, known in self.before.items() if address not in asked}
            self.found = {**kept, **self.found}
            self.mirror.remember({address: asdict(known) for address, known in self.found.items()})
        for key in {known.key for known in self.before.values()} - {
            known.key for known in self.found.values()
        }:
            self.mirror.drop(key)

    def _expect(self, address: str, depth: int) -> None:
        wanted = self.site.holds(address) and address not in self.seen and self.robots.allows(address)
        if wanted and len(self.seen) < self.options.pages:
            self.seen.add(address)
            self.waiting.append((address, depth))

    def _follow(self) -> None:
        while self.waiting:
            address, depth = self.waiting[0]
            page = self._fetch(address)
            self.waiting.popleft()
            for link in page.links if depth < self.options.depth else ():
                self._expect(link, depth + 1)
            self.told(len(self.found))
            if delay := max(self.options.delay, self.robots.delay):
                time.sleep(delay)

    def _fetch(self, address: str) -> Page:
        known = self.before.get(address)
        asked = known.question() if known is not None and self.mirror.path(known.key).is_file() else {}
        try:
            answer = self.fetcher.get(address, asked, within=self.site.holds)
        except FetchFailed as error:
            if (
                error.code == "forbidden"
                and "part of the source" in str(error)
                and address != self.site.start
            ):
                return Page()
            return self._fail(address, error.code, f"{error}")
        if answer.status == 304 and known is not None:
            return self._take(address, known, self.mirror.path(known.key).read_bytes(), known.key)
        if answer.status in _GONE and address != self.site.start:
            return Page()
        if answer.status != 200:
            return self._fail(address, f"http_{answer.status}", f"the server answered {answer.status}")
        return self._received(address, answer)

    def _received(self, address: str, answer: Fetched) -> Page:
        if answer.url != address:  # redirected within the site: the page is the other one
            self._expect(normal(answer.url), 1)
            return Page()
        media_type = answer.media_type or "text/html"
        if media_type not in SUFFIXES:
            return Page()
        headers = answer.headers
        key = file_of(address, media_type)
        known = Known(
            key, headers.get("etag", ""), headers.get("last-modified", ""), headers.get("x-robots-tag", "")
        )
        return self._take(address, known, answer.content, key)

    def _take(self, address: str, known: Known, content: bytes, key: str) -> Page:
        page = Page()
        if key.endswith(".html"):
            page = page_of(content, address, known.robots)
        elif known.robots and {"noindex", "none"} & {
            word.strip() for word in known.robots.lower().split(",")
        }:
            return page
        other = page.canonical not in ("", address) and self.site.holds(page.canonical)
        if other:
            self._expect(page.canonical, 1)
        elif page.indexed:
            self.mirror.put(key, content)
            self.found[address] = known
        return page

    def _fail(self, address: str, code: str, why: str) -> Page:
        if address == self.site.start:  # what is said about the rest is not believed then
            raise UpstreamFailed(f"{address}: {why}.", hint="Open it in a browser: is it the right address?")
        known = self.before.get(address)
        if known is not None:
            self.found[address] = known
        earlier = " What was fetched of it before is still served." if known is not None else ""
        self.failed.append(Outcome(address, "failed", code, f"{why}.{earlier}"))
        return Page()


def _remembered(state: Mapping[str, object]) -> dict[str, Known]:
    known: dict[str, Known] = {}
    for address, row in state.items():
        if isinstance(row, dict) and isinstance(row.get("key"), str):
            texts = {name: str(row.get(name) or "") for name in ("key", "etag", "modified", "robots")}
            known[address] = Known(**texts)
    return known


def _unreached(address: str, error: FetchFailed) -> UpstreamFailed | UsageError:
    if error.code == "forbidden":
        return UsageError(
            f"{address}: {error}.",
            hint="If the site is your own, add --allow-private.",
            code="private_address",
        )
    return UpstreamFailed(f"{address} {error}.", hint="Is the address right, and this machine online?")
