"""One run that changes a collection: documents stream in, files are built beside the old ones, one publish flips.

Made by `IndexHome.writer`; leaving the block without `publish` leaves the old generation current and cleans up. What
was embedded stays in the cache, so that an interrupted run embeds nothing twice.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from types import TracebackType
from typing import Self

from ragchat.documents import Chunk, Document
from ragchat.errors import NotFound, StorageFailed
from ragchat.index.build import GenerationBuild
from ragchat.index.changes import Changes
from ragchat.index.generation import Generation
from ragchat.index.intake import checked_vectors, require_consistent
from ragchat.index.live import Ranges
from ragchat.index.manifest import Manifest
from ragchat.index.material import all_stored_words, words_of
from ragchat.index.publish import Change, publish
from ragchat.index.purpose import Purpose
from ragchat.index.reclaim import empty_log, is_full
from ragchat.index.session import WriterSession
from ragchat.index.staging import rounded
from ragchat.index.types import FileStat, GenerationInfo, KnownDocument
from ragchat.models.embedder import EmbedderSpec, Passage, PassageVectors


class IndexWriter:
    """A context manager that holds the writer lock. For one thread at a time."""

    def __init__(self, session: WriterSession, open_generation: Callable[[int], Generation]) -> None:
        self.session = session
        self._open_generation = open_generation
        self._purpose: Purpose | None = None
        self._changes = Changes()
        self._build: GenerationBuild | None = None
        self._built: tuple[Manifest, Ranges] | None = None
        self._base_generation: Generation | None = None
        self._published: GenerationInfo | None = None

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
            # The first error is the one to show; what cannot be cleaned up now is the next writer's.
            with suppress(StorageFailed):
                self._keep_touched() if self._published is not None else self._abort(error)
        finally:
            self.let_base_go()
            self.session.__exit__(kind, error, traceback)

    def _keep_touched(self) -> None:
        self.session.staging.commit()

    def _abort(self, error: BaseException | None) -> None:
        """Leaves what was there before, and embeddings as a cache, unless it is room that is missing."""
        if self._build is not None:
            self._build.abandon()
        full = is_full(error)
        if full:
            self.session.staging.drop()
        else:
            self.session.staging.commit()
        if full or self._changes or error is not None:
            self.session.clean(without_cache=full)
            empty_log(self.session.connection, self.session.home)

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
        return self.session.live.count if self._built is None else self._built[1].count

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
            self._files().add(words_of(document, chunks, staged), rounded(checked, purpose.spec.dimension))
        except BaseException:
            self._changes.superseded.append(staged)
            raise
        self._changes.stage(document.id, staged, ended)

    def touch(self, document_id: str, stat: FileStat) -> None:
        """Same bytes, new facts of the file. Raises NotFound."""
        version = self._living(document_id)
        if version is None:
            raise _no_document(document_id)
        self.session.staging.touch(version, stat)

    def remove(self, document_id: str) -> None:
        """The base's version of a document ends; one that this run stages of it, before or after, lives.

        Raises NotFound when the base has none.
        """
        self._begun()
        ended = self._living(document_id)
        if ended is None:
            raise _no_document(document_id)
        self._changes.removed[document_id] = ended

    def withdraw(self, document_id: str) -> None:
        """As if the document had not been staged in this run: the base's version lives on, if not removed.

        Raises NotFound when this run has not staged it.
        """
        self._begun()
        self._living(document_id)  # nothing can be taken back once the generation is built
        if not self._changes.withdraw(document_id):
            raise _no_document(document_id)

    # Results

    def build(self, *, force: bool = False, everything: bool = False) -> bool:
        """Builds the next generation's files; False when no document changed and it is not forced.

        `everything` leaves no byte of a removed document in any file, whatever it costs. Raises PublishRefused when
        documents would stay that another embedder made.
        """
        if self._built is None and (self._changes or force):
            purpose, base = self._begun(), self._base_generation
            staying = len(self.session.live) - len(self._changes.dropped)
            purpose.require_one_embedder(base, staying, self.roots())
            self.session.staging.commit()
            self.session.observe("building")
            live = self._changes.applied(self.session.live, self.session.next_number())
            with self.session.rows(live, purpose.spec.dimension) as rows:
                words = all_stored_words(rows, live)
                self._files().finish(live, self._changes.gone, words, everything=everything)
            self._built = purpose.manifest(self.session, live, purpose.settings_of(base)), live
        return self._built is not None

    def open_candidate(self, settings: Mapping[str, float] | None = None) -> Generation:
        """The next generation as it would be, published with `settings`; the base when nothing changed."""
        if not self.build() or self._built is None:
            return self._open_generation(self.session.base_record().number)
        manifest, live = self._built
        sealed, _ = self._files().seal(manifest)
        sealed = replace(sealed, settings={**sealed.settings, **(settings or {})})
        return Generation(
            self.session.home, self._files().directory, sealed, live, self.session.tuning, pin=None
        )

    def publish(
        self,
        *,
        settings: Mapping[str, float] | None = None,
        report: Mapping[str, object] | None = None,
        prune: bool = True,
    ) -> GenerationInfo | None:
        """Makes the built generation current; None when nothing changed. Old generations are pruned then.

        `settings` are laid over the base's; new ones alone are a change. Raises StorageFailed, PublishRefused.
        """
        inherited = self._begun().settings_of(self._base_generation)
        wanted = {**inherited, **(settings or {})}
        if self.build(force=self.base is not None and wanted != inherited) and self._built is not None:
            manifest, live = self._built
            self._flip(replace(manifest, settings=wanted), live)
            if prune:
                self._prune_after_publish()
        if report is not None:
            self.record(report)
        return self._published

    def record(self, report: Mapping[str, object]) -> None:
        """Keeps the run's report, with the generation that is current after it."""
        self.session.record(report, self._published.number if self._published else self.base)

    def prune(self, keep: int) -> list[int]:
        """Drops old generations that nobody reads, and what only they used; part of every publish."""
        self.let_base_go()
        return self.session.prune(keep)

    def let_base_go(self) -> None:
        """Closes the base generation, so that it may be pruned."""
        if self._base_generation is not None:
            self._base_generation.close()
            self._base_generation = None

    def _flip(self, manifest: Manifest, live: Ranges) -> None:
        change = Change(live, self._changes.added, self._changes.dropped, self._begun().embedder_id)
        session = self.session
        self._published = publish(
            session.connection, session.home, self._files(), manifest, change, session.observe
        )

    def _prune_after_publish(self) -> None:
        # Published is published: what could not be deleted now is left to the next writer.
        with suppress(StorageFailed):
            self.prune(self.session.tuning.keep)

    def _begun(self) -> Purpose:
        if self._purpose is None:
            raise RuntimeError("IndexWriter.begin has to be called first")
        return self._purpose

    def _files(self) -> GenerationBuild:
        if self._built is None and self._build is None:
            purpose, base = self._begun(), self._base_generation
            if not purpose.continues(base):
                base = None
            session = self.session
            self._build = GenerationBuild(
                session.generations, base, purpose.spec.dimension, purpose.language, session.tuning
            )
        if self._build is None or self._published is not None:
            raise RuntimeError("this run has published; open another writer")
        return self._build

    def _living(self, document_id: str) -> int | None:
        if self._built is not None:
            raise RuntimeError("the generation is built; nothing can be added to it")
        return self.session.known.living_version(document_id, self.session.live)


def _no_document(document_id: str) -> NotFound:
    return NotFound(
        f"There is no document {document_id!r} in this collection.",
        hint="`ragchat documents list` shows what there is.",
        code="no_such_document",
    )
