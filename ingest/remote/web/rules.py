"""What a site asks of robots: robots.txt (RFC 9309) and the sitemaps that it names (sitemaps.org)."""

import gzip
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import urljoin
from urllib.robotparser import RobotFileParser

from lxml import etree  # type: ignore[import-untyped]

from ingest.fetching import Fetcher, FetchFailed
from ingest.remote.web.names import normal

MOST_ADDRESSES: Final = 50_000
_MOST_SITEMAPS: Final = 50
_LONGEST: Final = 50 * 1024 * 1024
_DELAY: Final = 10.0
_ROBOT: Final = "ragchat"


@dataclass(frozen=True, slots=True)
class Robots:
    """Rules of one host. `delay` in seconds between two requests, at most ten."""

    parser: RobotFileParser

    def allows(self, address: str) -> bool:
        return self.parser.can_fetch(_ROBOT, address)

    @property
    def delay(self) -> float:
        asked = self.parser.crawl_delay(_ROBOT)
        return min(float(asked), _DELAY) if asked else 0.0

    @property
    def sitemaps(self) -> list[str]:
        return list(self.parser.site_maps() or [])


def robots_of(fetcher: Fetcher, start: str) -> Robots:
    """A site without robots.txt allows everything; one whose rules cannot be read (5xx) allows nothing (RFC 9309 2.3).

    Raises FetchFailed when the host cannot be reached at all.
    """
    parser = RobotFileParser()
    answer = fetcher.get(urljoin(start, "/robots.txt"))
    if answer.status == 200:
        parser.parse(answer.content.decode("utf-8", "replace").splitlines())
    elif answer.status >= 500:
        parser.parse(["User-agent: *", "Disallow: /"])
    else:
        parser.parse([])
    return Robots(parser)


def sitemap_addresses(fetcher: Fetcher, start: str, robots: Robots) -> Iterator[str]:
    """Addresses of all sitemaps that robots.txt names, or of /sitemap.xml; none where there is no readable one."""
    waiting = robots.sitemaps or [urljoin(start, "/sitemap.xml")]
    seen: set[str] = set()
    given = 0
    while waiting and len(seen) < _MOST_SITEMAPS:
        address = normal(waiting.pop(0), start)
        if not address or address in seen:
            continue
        seen.add(address)
        try:
            answer = fetcher.get(address)
        except FetchFailed:
            continue
        maps, pages = _locations(_unpacked(answer.content)) if answer.status == 200 else ([], [])
        waiting += maps
        for page in pages:
            if given >= MOST_ADDRESSES:
                return
            given += 1
            yield page


def _unpacked(content: bytes) -> bytes:
    if not content.startswith(b"\x1f\x8b"):
        return content
    try:
        with gzip.open(io.BytesIO(content)) as file:
            return file.read(_LONGEST)
    except (OSError, EOFError, zlib.error):
        return b""


def _locations(content: bytes) -> tuple[list[str], list[str]]:
    """Addresses of further sitemaps, and of pages."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError):
        return [], []
    if root is None:
        return [], []
    found = [str(node.text).strip() for node in root.iter("{*}loc") if node.text]
    return (found, []) if etree.QName(root).localname == "sitemapindex" else ([], found)
