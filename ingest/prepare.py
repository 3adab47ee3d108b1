"""From a changed file to documents with their chunks: read, extract, split.

Extraction runs ahead of the consumer on threads of its own (parsers that may hang or crash run in processes of their
own, see ingest.extract.worker), so that the cores spend their time in the embedder. One bad file never stops the run.
"""

import hashlib
import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from time import perf_counter
from typing import TypeAlias

from ingest.extract import Extracted
from ingest.extract.markdown.blocks import read_build
from ingest.extract.worker import ExtractionWorker
from ingest.naming import told_apart
from ingest.report import Outcome
from ingest.sources import JsonlDocument
from ingest.split import SplitOptions, split
from ingest.survey import PART_MARK, Candidate
from ragchat.corpus.values import FileStat, KnownDocument
from ragchat.documents import Chunk, Document, Scalar
from ragchat.errors import DocumentFailed
from ragchat.language.detection import language_of_text

LOOK_AHEAD = 8
"""Files extracted before they are needed: enough to hide one slow PDF behind the embedder, small in memory."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document that is to be indexed; no chunks: there was nothing to read, `reason` says why.

    `notes` tell what was lost though the document as a whole could be read.
    """

    root: str
    document: Document
    chunks: list[Chunk]
    stat: FileStat
    previous: KnownDocument | None
    source_bytes: int
    reason: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Untouched:
    """The same bytes under a new time: only the stat is noted."""

    known: KnownDocument
    stat: FileStat


@dataclass(frozen=True, slots=True)
class Vanished:
    """A line that is no longer in its JSONL file."""

    known: KnownDocument


Item: TypeAlias = Prepared | Untouched | Vanished | Outcome


@dataclass(slots=True)
class Preparation:
    """How candidates become items; `seconds` of extraction (of all who read side by side) and of splitting add up
    while it runs."""

    collection: str
    worker: ExtractionWorker
    options: SplitOptions
    options_hash: str
    read: Callable[[int], None]
    """Told the number of files read so far, after each."""
    acl: tuple[str, ...] = ()
    labels: dict[str, str] = field(default_factory=dict)
    """For files that share their name: what tells them apart."""
    extract_seconds: float = 0.0
    split_seconds: float = 0.0
    files_read: int = 0

    def items(self, candidates: Iterable[Candidate]) -> Iterator[Item]:
        """Items in the order of the candidates; memory holds at most LOOK_AHEAD extracted files."""
        with ThreadPoolExecutor(self.worker.children, "extract") as pool:
            ahead: deque[tuple[Candidate, Future[Extraction] | None]] = deque()
            try:
                for candidate in candidates:
                    future = None if candidate.holds_many else pool.submit(self._read, candidate)
                    ahead.append((candidate, future))
                    if len(ahead) >= LOOK_AHEAD:
                        yield from self._next(ahead)
                while ahead:
                    yield from self._next(ahead)
            except BaseException:  # nobody waits for what is being read, and nothing more is begun
                for _, future in ahead:
                    if future is not None:
                        future.cancel()
                self.worker.close()
                raise

    def _next(self, ahead: "deque[tuple[Candidate, Future[Extraction] | None]]") -> Iterator[Item]:
        yield from self._finish(*ahead.popleft())
        self.files_read += 1
        self.read(self.files_read)

    def _finish(self, candidate: Candidate, future: "Future[Extraction] | None") -> Iterator[Item]:
        if future is None:
            yield from self._lines(candidate)
            return
        try:
            extraction = future.result()
        except DocumentFailed as failure:
            yield Outcome(candidate.file.key, "failed", failure.code, f"{failure}{_still_served(candidate)}")
            return
        self.extract_seconds += extraction.seconds
        yield from self._items(candidate, extraction)

    def _read(self, candidate: Candidate) -> "Extraction":
        """Runs on an extraction thread."""
        began = perf_counter()
        file = candidate.file
        data = self.worker.read(file.path)
        digest = hashlib.sha256(data).hexdigest()
        whole = candidate.known.get(file.key)
        if whole is not None and not candidate.again and self._same(whole, digest):
            return Extraction(digest, len(data), None)
        extracted = self.worker.extract(data, file.key)
        return Extraction(digest, len(data), extracted, perf_counter() - began)

    def _same(self, previous: KnownDocument, digest: str) -> bool:
        return (previous.content_hash, previous.options_hash) == (digest, self.options_hash)

    def _items(self, candidate: Candidate, extraction: "Extraction") -> Iterator[Item]:
        """The file's document, and those inside it; those that were inside and went are Vanished."""
        file, extracted = candidate.file, extraction.extracted
        if extracted is None:
            for known in candidate.known.values():
                yield Untouched(known, file.stat)
            return
        unseen = dict(candidate.known)
        if extracted.text or not extracted.parts:
            yield self._item(candidate, file.key, extraction.digest, extracted, extraction.size)
            unseen.pop(file.key, None)
        for part in extracted.parts:
            key = f"{file.key}{PART_MARK}{part.name}"
            if part.extracted is None:
                yield Outcome(key, "failed", part.code, part.message)
            else:
                yield self._item(candidate, key, part.digest, part.extracted, 0)
            unseen.pop(key, None)
        yield from map(Vanished, unseen.values())

    def _item(
        self, candidate: Candidate, key: str, digest: str, extracted: Extracted, size: int
    ) -> Prepared | Untouched:
        file, previous = candidate.file, candidate.known.get(key)
        if previous is not None and self._same(previous, digest):
            return Untouched(previous, file.stat)
        inside: dict[str, Scalar] = {} if key == file.key else {"file": file.key}
        document = Document(
            id=document_id(candidate.root, key),
            collection=self.collection,
            key=key,
            uri=candidate.uri_of(key),
            title=told_apart(extracted.title, key, self.labels) if key == file.key else extracted.title,
            media_type=extracted.media_type,
            content_hash=digest,
            text=extracted.text,
            pages=extracted.pages,
            headings=extracted.headings,
            metadata={**extracted.metadata, **candidate.facts, **inside},
            acl=self.acl,
            blocks=extracted.blocks,
            language=language_of_text(extracted.text),
        )
        prepared = self._split(candidate.root, document, file.stat, previous, size, extracted.reason)
        return replace(prepared, notes=extracted.notes)

    def _lines(self, candidate: Candidate) -> Iterator[Item]:
        """Documents of a source that holds many, streamed; those that went since the last run are Vanished.

        A line that is damaged may be any of those that were not seen, and a source that cannot be read to its end
        says nothing about the rest: then nothing is taken for gone.
        """
        file, stat = candidate.file, candidate.file.stat
        unseen = dict(candidate.known)
        whole = True
        for line in candidate.lines():
            if not isinstance(line, JsonlDocument):
                yield Outcome(f"{file.key}:{line.line}", "failed", line.code, line.message)
                whole = whole and line.code == "duplicate_id"
                continue
            key = candidate.key_of(line)
            previous = unseen.pop(key, None)
            digest = hashlib.sha256(canonical(line).encode("utf-8", "surrogatepass")).hexdigest()
            if previous is not None and self._same(previous, digest):
                yield Untouched(previous, stat)
            else:
                document = self._line_document(candidate.root, key, line, digest)
                yield self._split(candidate.root, document, stat, previous, len(line.text), "no text")
        if whole:
            yield from map(Vanished, unseen.values())

    def _line_document(self, root: str, key: str, line: JsonlDocument, digest: str) -> Document:
        build = read_build(line.text, "loose")
        return Document(
            id=document_id(root, key),
            collection=self.collection,
            key=key,
            uri=line.url or key,
            title=line.title,
            media_type="text/plain",
            content_hash=digest,
            text=line.text,
            headings=build.headings,
            metadata=line.metadata,
            acl=line.acl,
            blocks=build.blocks,
            language=language_of_text(line.text),
        )

    def _split(
        self,
        root: str,
        document: Document,
        stat: FileStat,
        previous: KnownDocument | None,
        source_bytes: int,
        reason: str,
    ) -> Prepared:
        began = perf_counter()
        chunks = split(document, self.options) if document.text.strip() else []
        self.split_seconds += perf_counter() - began
        return Prepared(
            root, document, chunks, stat, previous, source_bytes, "" if chunks else reason or "no text"
        )


@dataclass(frozen=True, slots=True)
class Extraction:
    """A file as read: sha256 of its bytes, their number, the text (None: the bytes are those already indexed), and the
    seconds that this took."""

    digest: str
    size: int
    extracted: Extracted | None
    seconds: float = 0.0


def _still_served(candidate: Candidate) -> str:
    """What a failure adds where the file was read before."""
    return (
        " Its earlier version is still served until it can be read again, is deleted, or the grace is over"
        " (RAGCHAT_UNREADABLE_DAYS)."
        if candidate.known
        else ""
    )


def document_id(root: str, key: str) -> str:
    """Opaque, URL-safe and stable for a place: 16 hex digits (64 bits; a clash among a million: 3 in 10^8)."""
    return hashlib.sha256(f"{root}\0{key}".encode("utf-8", "surrogateescape")).hexdigest()[:16]


def canonical(line: JsonlDocument) -> str:
    """The content of a JSONL line irrespective of spacing and key order."""
    return json.dumps(
        [line.title, line.text, line.url, dict(line.metadata), list(line.acl)],
        ensure_ascii=False,
        sort_keys=True,
    )
