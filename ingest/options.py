"""How an ingest is asked for and watched. No work here (see ingest.run)."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TypeAlias

from ingest.remote import SiteOptions
from ingest.report import Outcome, Stage
from ingest.sources import ScanOptions
from ingest.split import SplitOptions
from ragchat.corpus.contract import Snapshot

EXTRACTION_VERSION = 6
"""Raised when extraction or splitting changes what a document's text or chunks are: all files are read again."""


class Observer:
    """Who watches a run: a progress bar, a log, a test. Called on the thread that runs `ingest`; this one is silent."""

    def stage(self, stage: Stage) -> None: ...

    def found(self, files: int) -> None: ...

    def read(self, files: int) -> None: ...

    def finished(self, outcome: Outcome) -> None: ...

    def embedded(self, chunks: int) -> None: ...

    def asked(self, done: int, total: int) -> None:
        """How many of its questions a check has asked of the built generation."""


Check: TypeAlias = Callable[[Snapshot, Callable[[int, int], None]], Mapping[str, float]]
"""Looks at the built but unpublished generation and tells how many of how many questions it has asked of it; returns
settings to store with it, or raises PublishRefused."""


@dataclass(frozen=True, slots=True)
class IngestOptions:
    """How to ingest.

    `rehash` reads every file, whatever its times say. `acl` are the tags of documents from files: who has none of them
    does not see these (lines of a JSONL file bring their own).
    `mirrors` is the folder in which sources that are no folders are kept (None: they are refused), `site` how far a
    crawl goes.
    `language` is an ISO 639-1 code; empty: that of the index, guessed for a new one. `checks` run on the built
    generation before it is published (calibration, quality gate). `grace` is how long documents answer whose file
    can no longer be read.
    """

    scan: ScanOptions = field(default_factory=ScanOptions)
    split: SplitOptions = field(default_factory=SplitOptions)
    allow_deletes: bool = False
    dry_run: bool = False
    wait: bool = False
    language: str = ""
    rehash: bool = False
    acl: tuple[str, ...] = ()
    mirrors: Path | None = None
    site: SiteOptions = field(default_factory=SiteOptions)
    checks: tuple[Check, ...] = ()
    grace: timedelta = timedelta(days=7)

    @property
    def hash(self) -> str:
        """Changes when the same bytes would give other chunks, or when their words are asked to be others."""
        asked = f"{EXTRACTION_VERSION} {self.split!r} {self.language} {' '.join(sorted(self.acl))}".rstrip()
        return hashlib.sha256(asked.encode()).hexdigest()[:16]
