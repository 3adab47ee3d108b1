"""One run that changes a collection: documents stream in, files are built beside the old ones, one publish flips.

Made by `LocalStore.writer`; leaving the block without `publish` leaves the old generation current and cleans up. What
was embedded stays in the cache, so that an interrupted run embeds nothing twice.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Self

from ragchat.corpus.intake import checked_vectors, require_consistent
from ragchat.corpus.local.searching.snapshot import LocalSnapshot
from ragchat.corpus.local.writing.build import has_words_of
from ragchat.corpus.local.writing.candidate import Candidate
from ragchat.corpus.local.writing.changes import Changes
from ragchat.corpus.local.writing.material import words_of
from ragchat.corpus.local.writing.purpose import Purpose
from ragchat.corpus.local.writing.session import WriterSession
from ragchat.corpus.local.writing.staging import rounded
from ragchat.corpus.refusals import no_such_document
from ragchat.corpus.values import FileStat, GenerationInfo, KnownDocument
from ragchat.documents import Chunk, Document
from ragchat.errors import StorageFailed
from ragchat.models.embedder import EmbedderSpec, Passage, PassageVectors


class LocalRun:
    """A context manager that holds the writer lock. For one thread at a time."""

    def __init__(self, session: WriterSession, open_generation: Callable[[int], LocalSnapshot]) -> None:
        self.session = session
        self._open_generation = open_generation
        self._purpose: Purpose | None = None
        self._changes = Changes()
        self._candidate = Candidate(session)
        self._base_generation: LocalSnapshot | None = None

    def __enter__(self) -> Self:
        """Takes the lock and cleans what a killed writer left. Raises WriterBusy, StorageFailed, IndexDamaged."""
        self.session.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Without a publish the old generation stays current; what was touched and embedded is kept."""
        try:
            published = self._candidate.published is not None
            self._candidate.abandon()
            self.session.leave(error, dropping=bool(self._changes) and not published, published=published)
        finally:
            self.let_base_go()
            self.session.__exit__(kind, error, traceback)

    @property
    def base(self) -> int | None:
        """The generation that this run builds on, None for the first one."""
        return self.session.base

    # What is there

    def begin(self, spec: EmbedderSpec, options_hash: str, *, language: str | None = None) -> None:
        """Says what vectors are staged and how texts were cut. Opens the base: IndexDamaged when it is not whole."""
        if self.base is not None:
            self._base_generation = self._open_generation(self.base)
        base_language = self._base_generation.language if self._base_generation else "en"
        embedder_id = self.session.staging.embedder_id(spec)
        self._purpose = Purpose(spec, embedder_id, options_hash, language or base_language)
        self.session.observe("staging")

    def begin_as_base(self) -> None:
        """`begin` with what the base was made with. Raises NotReady without one."""
        record = self.session.base_record()
        self.begin(record.embedder, record.options_hash, language=record.language)

    def roots(self) -> list[str]:
        """Roots that have documents in the base generation, sorted."""
        return self.session.known.roots(self.session.live)

    def known(self, root: str) -> Iterator[KnownDocument]:
        """The base generation's documents of a root."""
        embedder_id = self._purpose.embedder_id if self._purpose else None
        return self.session.known.documents(root, self.session.live, embedder_id)

    def lookup(self, passages: Sequence[Passage]) -> list[PassageVectors | None]:
        """Vectors that need not be computed again, in order; also those staged in this run."""
        purpose = self._begun()
        return self.session.known.cached(passages, purpose.embedder_id, purpose.spec.dimension)

    def chunk_total(self) -> int:
        """Chunks of the collection as this run leaves it."""
        built = self._candidate.chunk_count
        return self.session.live.count if built is None else built

    # Changes

    def stage(
        self,
        root: str,
        document: Document,
        chunks: Sequence[Chunk],
        vectors: Sequence[PassageVectors],
        stat: FileStat,
    ) -> None:
        """Streams a document in; at the publish it replaces an older version of the same id.

        Raises WrongEmbedder (shape, NaN), DocumentFailed (text that is no Unicode), StorageFailed.
        """
        purpose = self._begun()
        require_consistent(document, chunks, vectors)
        checked = checked_vectors(vectors, chunks, purpose.spec.dimension, document.id)
        ended = self._living(document.id)
        staged = self.session.staging.insert(
            root,
            document,
            chunks,
            checked,
            stat,
            options_hash=purpose.options_hash,
            embedder_id=purpose.embedder_id,
        )
        try:
            files = self._candidate.files(purpose, self._base_generation)
            files.add(words_of(document, chunks, staged), rounded(checked, purpose.spec.dimension))
        except BaseException:
            self._changes.superseded.append(staged)
            raise
        self._changes.stage(document.id, staged, ended)

    def touch(self, document_id: str, stat: FileStat) -> None:
        """Same bytes, new facts of the file. Raises NotFound."""
        version = self._living(document_id)
        if version is None:
            raise no_such_document(document_id)
        self.session.staging.touch(version, stat)

    def remove(self, document_id: str) -> None:
        """The base's version of a document ends; one that this run stages of it, before or after, lives.

        Raises NotFound when the base has none.
        """
        self._begun()
        ended = self._living(document_id)
        if ended is None:
            raise no_such_document(document_id)
        self._changes.removed[document_id] = ended

    def withdraw(self, document_id: str) -> None:
        """As if the document had not been staged in this run: the base's version lives on, if not removed.

        Raises NotFound when this run has not staged it.
        """
        self._begun()
        self._living(document_id)  # nothing can be taken back once the generation is built
        if not self._changes.withdraw(document_id):
            raise no_such_document(document_id)

    # Results

    def build(self, *, force: bool = False, everything: bool = False) -> bool:
        """Builds the next generation's files; False when no document changed, the words are today's
        and it is not forced.

        `everything` leaves no byte of a removed document in any file, whatever it costs. Raises PublishRefused when
        documents would stay that another embedder made.
        """
        purpose, base = self._begun(), self._base_generation
        outdated = base is not None and purpose.continues(base) and not has_words_of(base, purpose.language)
        if not self._candidate.built and (self._changes or force or outdated):
            staying = len(self.session.live) - len(self._changes.dropped)
            purpose.require_one_embedder(base, staying, self.roots())
            self.session.staging.commit()
            self._candidate.finish(purpose, base, self._changes, everything=everything)
        return self._candidate.built

    def open_candidate(self, settings: Mapping[str, float] | None = None) -> LocalSnapshot:
        """The next generation as it would be, published with `settings`; the base when nothing changed."""
        if not self.build():
            return self._open_generation(self.session.base_record().number)
        return self._candidate.open(settings or {})

    def publish(
        self,
        *,
        settings: Mapping[str, float] | None = None,
        report: Mapping[str, object] | None = None,
        prune: bool = True,
    ) -> GenerationInfo | None:
        """See the contract. Without `prune` every older generation stays."""
        purpose = self._begun()
        inherited = purpose.settings_of(self._base_generation)
        wanted = {**inherited, **(settings or {})}
        if self.build(force=self.base is not None and wanted != inherited):
            self._candidate.flip(purpose, self._changes, wanted)
            if prune:
                self._prune_after_publish()
        if report is not None:
            self.record(report)
        return self._candidate.published

    def record(self, report: Mapping[str, object]) -> None:
        """Keeps the run's report, with the generation that is current after it."""
        published = self._candidate.published
        self.session.record(report, published.number if published else self.base)

    def prune(self, keep: int) -> list[int]:
        """Drops old generations that nobody reads, and what only they used; part of every publish."""
        self.let_base_go()
        return self.session.prune(keep)

    def let_base_go(self) -> None:
        """Closes the base generation, so that it may be pruned."""
        if self._base_generation is not None:
            self._base_generation.close()
            self._base_generation = None

    def _prune_after_publish(self) -> None:
        # Published is published: what could not be deleted now is left to the next writer.
        with suppress(StorageFailed):
            self.prune(self.session.tuning.keep)

    def _begun(self) -> Purpose:
        if self._purpose is None:
            raise RuntimeError("LocalRun.begin has to be called first")
        return self._purpose

    def _living(self, document_id: str) -> int | None:
        if self._candidate.built:
            raise RuntimeError("the generation is built; nothing can be added to it")
        return self.session.known.living_version(document_id, self.session.live)
