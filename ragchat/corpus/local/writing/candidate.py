"""The generation that a run is making: its files while documents stream in, the candidate, the published one.

Files are begun with the first document; once they are finished nothing can be added, and after the flip they are the
generation's own.
"""

from collections.abc import Mapping
from dataclasses import replace

from ragchat.corpus.local.catalog.live import Ranges
from ragchat.corpus.local.files.manifest import Manifest
from ragchat.corpus.local.searching.snapshot import LocalSnapshot
from ragchat.corpus.local.writing.build import GenerationBuild
from ragchat.corpus.local.writing.changes import Changes
from ragchat.corpus.local.writing.material import all_stored_words
from ragchat.corpus.local.writing.publish import Change, publish
from ragchat.corpus.local.writing.purpose import Purpose
from ragchat.corpus.local.writing.session import WriterSession
from ragchat.corpus.values import GenerationInfo


class Candidate:
    """One run's; its methods raise StorageFailed."""

    def __init__(self, session: WriterSession) -> None:
        self._session = session
        self._files: GenerationBuild | None = None
        self._built: tuple[Manifest, Ranges] | None = None
        self.published: GenerationInfo | None = None

    @property
    def built(self) -> bool:
        """Whether nothing can be added any more."""
        return self._built is not None

    @property
    def chunk_count(self) -> int | None:
        """Known once it is built."""
        return None if self._built is None else self._built[1].count

    def files(self, purpose: Purpose, base: LocalSnapshot | None) -> GenerationBuild:
        """The build, begun when it is first asked for; `base` gives files to link if its embedder is the same."""
        if self.published is not None:
            raise RuntimeError("this run has published; open another writer")
        if self._files is None:
            linked = base if purpose.continues(base) else None
            session = self._session
            self._files = GenerationBuild(
                session.generations, linked, purpose.spec.dimension, purpose.language, session.tuning
            )
        return self._files

    def finish(
        self, purpose: Purpose, base: LocalSnapshot | None, changes: Changes, *, everything: bool
    ) -> None:
        """Leaves in the files exactly what lives in the next generation."""
        session = self._session
        session.observe("building")
        live = changes.applied(session.live, session.next_number())
        with session.rows(live, purpose.spec.dimension) as rows:
            words = all_stored_words(rows, live)
            self.files(purpose, base).finish(live, changes.gone, words, everything=everything)
        self._built = purpose.manifest(session, live, purpose.settings_of(base)), live

    def open(self, settings: Mapping[str, float]) -> LocalSnapshot:
        """As it would be when published with `settings` laid over the base's."""
        files, manifest, live = self._finished()
        sealed, _ = files.seal(manifest)
        sealed = replace(sealed, settings={**sealed.settings, **settings})
        return LocalSnapshot(
            self._session.home, files.directory, sealed, live, self._session.tuning, pin=None
        )

    def flip(self, purpose: Purpose, changes: Changes, settings: dict[str, float]) -> None:
        """Makes it the current generation."""
        files, manifest, live = self._finished()
        session = self._session
        change = Change(live, changes.added, changes.dropped, purpose.embedder_id)
        manifest = replace(manifest, settings=settings)
        self.published = publish(session.connection, session.home, files, manifest, change, session.observe)

    def abandon(self) -> None:
        """Deletes the files of a generation that was not published. Idempotent."""
        if self._files is not None and self.published is None:
            self._files.abandon()

    def _finished(self) -> tuple[GenerationBuild, Manifest, Ranges]:
        if self._files is None or self._built is None or self.published is not None:
            raise RuntimeError("there is no built generation that is not published yet")
        return self._files, *self._built
