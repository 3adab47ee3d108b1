"""What bringing a source asks and gives: values only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ingest.report import Outcome
from ragchat.documents import Scalar


@dataclass(frozen=True, slots=True)
class SiteOptions:
    """How far a crawl goes. `private`: the site may be a machine of the own network; `delay` seconds between requests,
    at least those that robots.txt asks for."""

    pages: int = 2_000
    depth: int = 10
    delay: float = 0.0
    private: bool = False


@dataclass(frozen=True, slots=True)
class Brought:
    """A mirror in line with its source: `folder` holds the files, `root` is the source's identity. `uris` tell where a
    file of the mirror can be seen (its key where it is missing), `facts` go into every document's metadata; `failed` is
    what could not be fetched: what was there of it before still is."""

    root: str
    folder: Path
    uris: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, Scalar] = field(default_factory=dict)
    failed: tuple[Outcome, ...] = ()
