"""One run over a collection in memory: what it changes is kept aside until the publish."""

from collections.abc import Iterator, Mapping, Sequence
from types import TracebackType
from typing import Self

from ragchat.corpus.contract import Observe
from ragchat.corpus.intake import checked_vectors, require_consistent, require_unicode
from ragchat.corpus.memory.publishing import Draft, Purpose, draft_of, moment, publish
from ragchat.corpus.memory.snapshot import MemorySnapshot
from ragchat.corpus.memory.state import Collection, Generation, Version
from ragchat.corpus.refusals import mixed_embedders, no_index, no_such_document
from ragchat.corpus.values import FileStat, GenerationInfo, KnownDocument
from ragchat.documents import Chunk, Document
from ragchat.errors import WriterBusy
from ragchat.models.embedder import EmbedderSpec, Passage, PassageVectors, passage_of


class MemoryRun:
    """A context manager that holds the collection's `writing` lock. For one thread at a time."""

    def __init__(self, collection: Collection, keep: int, *, wait: bool, observe: Observe) -> None:
        self._collection = collection
        self._keep = keep
        self._wait = wait
        self._observe = observe
        self._purpose: Purpose | None = None
        self._staged: dict[str, Version] = {}
        self._removed: set[str] = set()
        self._draft: Draft | None = None
        self._published: GenerationInfo | None = None
        self.base: int | None = None

    def __enter__(self) -> Self:
        if not self._collection.writing.acquire(blocking=self._wait):
            raise WriterBusy(
                f"Collection {self._collection.name!r} is being written by another run.",
                hint="Wait for it to finish, or run with --wait.",
            )
        try:
            self._observe("cleaning")
        except BaseException:
            self._collection.writing.release()
            raise
        self._collection.touched = True
        self.base = self._collection.current
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._collection.writing.release()

    # What is there

    def begin(self, spec: EmbedderSpec, options_hash: str, *, language: str | None = None) -> None:
        base = self._base_generation
        inherited = base.whole.language if base is not None else "en"
        self._purpose = Purpose(spec, options_hash, language or inherited)
        self._observe("staging")

    def begin_as_base(self) -> None:
        base = self._base_generation
        if base is None:
            raise no_index(self._collection.name)
        self.begin(base.embedder, base.options_hash)

    def roots(self) -> list[str]:
        return sorted({version.root for version in self._living.values()})

    def known(self, root: str) -> Iterator[KnownDocument]:
        spec = self._purpose.spec if self._purpose else None
        for version in list(self._living.values()):
            if version.root == root:
                document, stat = version.document, self._collection.stats[version.number]
                usable = version.options_hash if spec is None or version.embedder.key == spec.key else ""
                yield KnownDocument(
                    document.id,
                    document.key,
                    document.content_hash,
                    stat.size,
                    stat.mtime_ns,
                    usable,
                    stat.changed_ns,
                )

    def lookup(self, passages: Sequence[Passage]) -> list[PassageVectors | None]:
        key = self._begun().spec.key
        return [self._collection.cache.get((key, passage)) for passage in passages]

    def chunk_total(self) -> int:
        content = self._draft.content if self._draft else None
        base = self._base_generation
        content = content or (base.whole if base is not None else None)
        return len(content.chunks) if content is not None else 0

    # Changes

    def stage(
        self,
        root: str,
        document: Document,
        chunks: Sequence[Chunk],
        vectors: Sequence[PassageVectors],
        stat: FileStat,
    ) -> None:
        purpose = self._changing()
        require_consistent(document, chunks, vectors)
        checked = checked_vectors(vectors, chunks, purpose.spec.dimension, document.id)
        require_unicode(document)
        collection = self._collection
        number, first = next(collection.numbers), collection.next_chunk
        collection.next_chunk += len(chunks)
        collection.stats[number] = stat
        collection.cache |= {
            (purpose.spec.key, passage_of(document, chunk)): each
            for chunk, each in zip(chunks, checked, strict=True)
        }
        self._staged[document.id] = Version(
            number, root, document, tuple(chunks), tuple(checked), first, purpose.spec, purpose.options_hash
        )

    def touch(self, document_id: str, stat: FileStat) -> None:
        self._changing()
        self._collection.stats[self._living_version(document_id).number] = stat

    def remove(self, document_id: str) -> None:
        self._changing()
        self._living_version(document_id)
        self._removed.add(document_id)

    def withdraw(self, document_id: str) -> None:
        self._changing()
        if self._staged.pop(document_id, None) is None:
            raise no_such_document(document_id)

    # Results

    def build(self, *, force: bool = False, everything: bool = False) -> bool:
        """`everything` asks for nothing more here: no byte of what was removed is ever in what is built."""
        if self._draft is None and (self._staged or self._removed or force):
            purpose, base = self._begun(), self._base_generation
            staying = len(self._living.keys() - self._staged.keys() - self._removed)
            if base is not None and base.embedder.key != purpose.spec.key and staying:
                raise mixed_embedders(
                    self._collection.name, staying, base.embedder, purpose.spec, self.roots()
                )
            self._observe("building")
            self._draft = draft_of(self._collection, purpose, base, self._staged, self._removed)
        return self._draft is not None

    def open_candidate(self, settings: Mapping[str, float] | None = None) -> MemorySnapshot:
        if not self.build():
            if self._base_generation is None:
                raise no_index(self._collection.name)
            return MemorySnapshot(self._collection.name, self._base_generation, self._collection.changing)
        generation = self._unpublished().generation(settings or {})
        return MemorySnapshot(self._collection.name, generation, self._collection.changing)

    def publish(
        self, *, settings: Mapping[str, float] | None = None, report: Mapping[str, object] | None = None
    ) -> GenerationInfo | None:
        if self.flip(settings or {}):
            self._observe("pruning")
            self.prune(self._keep)
        if report is not None:
            self.record(report)
        return self._published

    def flip(self, settings: Mapping[str, float]) -> bool:
        """Publishes without pruning; False when nothing changed."""
        inherited = self._begun().settings_of(self._base_generation)
        changed = self.base is not None and {**inherited, **settings} != inherited
        if not self.build(force=changed):
            return False
        self._published = publish(self._collection, self._unpublished(), settings, self._observe)
        return True

    def record(self, report: Mapping[str, object]) -> None:
        number = self._published.number if self._published else self.base
        self._collection.reports.append({"created": moment(), "generation": number, **report})

    def prune(self, keep: int) -> list[int]:
        return self._collection.prune(keep)

    @property
    def _base_generation(self) -> Generation | None:
        return None if self.base is None else self._collection.generation(self.base)

    @property
    def _living(self) -> Mapping[str, Version]:
        base = self._base_generation
        return base.whole.versions if base is not None else {}

    def _living_version(self, document_id: str) -> Version:
        version = self._living.get(document_id)
        if version is None:
            raise no_such_document(document_id)
        return version

    def _begun(self) -> Purpose:
        if self._purpose is None:
            raise RuntimeError("MemoryRun.begin has to be called first")
        return self._purpose

    def _changing(self) -> Purpose:
        if self._draft is not None:
            raise RuntimeError("the generation is built; nothing can be added to it")
        return self._begun()

    def _unpublished(self) -> Draft:
        if self._draft is None or self._published is not None:
            raise RuntimeError("there is no built generation that is not published yet")
        return self._draft
