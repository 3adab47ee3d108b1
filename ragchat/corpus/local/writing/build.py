"""Building the files of one generation in a directory of its own, under a name that no reader looks at.

Vectors and words stream in while documents are staged; `finish` settles segments and words; `seal` writes the
manifest and makes everything durable. The base generation's directory is only ever read and linked from.
"""

import secrets
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from ragchat.corpus.local.catalog.live import Ranges
from ragchat.corpus.local.files.failures import disk
from ragchat.corpus.local.files.files import link_or_copy, sync_directory, sync_file, write_durably
from ragchat.corpus.local.files.manifest import MANIFEST_NAME, FileEntry, Manifest, SegmentEntry
from ragchat.corpus.local.files.tuning import Tuning
from ragchat.corpus.local.searching.snapshot import LocalSnapshot, mean_of
from ragchat.corpus.local.segments.compaction import SegmentLoad, plan
from ragchat.corpus.local.segments.segmenting import SegmentWriter, living_rows
from ragchat.corpus.local.segments.segments import Segment, file_names
from ragchat.corpus.local.segments.vectors import VectorIndex
from ragchat.corpus.local.words.lexical import dead_entries
from ragchat.corpus.local.words.wording import REPLACED, LexicalBuilder
from ragchat.language.analysis import analysis_of
from ragchat.models.embedder import Vectors

BUILDING_PREFIX: Final = ".building-"

# (chunk_id, version_id, title, headings, text)
Words = tuple[int, int, str, tuple[str, ...], str]


def has_words_of(generation: LocalSnapshot, language: str) -> bool:
    """Whether its words are what today's analysis of the language makes of its texts."""
    return generation.language == language and generation.manifest.analysis == analysis_of(language)


class GenerationBuild:
    """One attempt; `abandon` deletes what it wrote. Every method raises StorageFailed."""

    def __init__(
        self, generations: Path, base: LocalSnapshot | None, dimension: int, language: str, tuning: Tuning
    ) -> None:
        """`base` gives the files to link from; None starts with empty ones."""
        self.directory = generations / f"{BUILDING_PREFIX}{secrets.token_hex(6)}"
        self.language = language
        self._base = base
        self._dimension = dimension
        self._tuning = tuning
        self.segments: tuple[SegmentEntry, ...] = ()
        self._mean: tuple[float, ...] | None = None
        self._entries: dict[str, FileEntry] = {}
        with disk(self.directory):
            self._vectors_directory.mkdir(parents=True)
        self._writer = SegmentWriter(self._vectors_directory, dimension, tuning)
        # Words that another analysis made are made anew, all of them, once it is known what lives.
        self._words_later = base is not None and not has_words_of(base, language)
        linked = base.directory / "lexical" if base is not None and not self._words_later else None
        self._lexical = self._open_lexical(linked)

    @property
    def _vectors_directory(self) -> Path:
        return self.directory / "vectors"

    def add(self, words: Sequence[Words], vectors: Vectors) -> None:
        """The chunks of one document, ids ascending over all calls; `vectors` is float32 (len(words), dim)."""
        if words:
            ids = np.asarray([word[0] for word in words], dtype=np.int64)
            self._writer.add(ids, vectors.astype(np.float16))
        for word in () if self._words_later else words:
            self._lexical.add(*word)

    def finish(
        self, live: Ranges, dead_versions: Sequence[int], words: Iterable[Words], *, everything: bool
    ) -> None:
        """Leaves exactly what `live` needs. `words` yields every living chunk, should they be written anew."""
        self._writer.flush()
        self._entries.update(self._writer.files)
        self._settle_vectors(live, everything=everything)
        self._mean = self._mean_of(live)
        self._lexical.delete_versions(dead_versions)
        self._lexical.finish()
        dead = dead_entries(self.directory / "lexical")
        cheap = live.count <= self._tuning.rewrite_words_chunks
        too_dead = everything or cheap or dead >= self._tuning.dead_share * live.count
        if self._words_later or (dead and too_dead):
            self._rewrite_words(words)

    def seal(self, manifest: Manifest) -> tuple[Manifest, bytes]:
        """Adds the files' facts, writes the manifest, syncs all: (manifest, its bytes)."""
        with disk(self.directory):
            files = {path.relative_to(self.directory).as_posix(): path for path in self._files()}
            entries = {name: self._entry(name, path) for name, path in files.items()}
            sealed = replace(manifest, files=entries, segments=self.segments, mean=self._mean)
            content = sealed.to_bytes()
            write_durably(self.directory / MANIFEST_NAME, content)
            for directory in (self._vectors_directory, self.directory / "lexical", self.directory):
                sync_directory(directory)
        return sealed, content

    def abandon(self) -> None:
        """Idempotent; leftovers that cannot be deleted now are the next writer's."""
        self._lexical.abandon()
        shutil.rmtree(self.directory, ignore_errors=True)

    # Vectors

    def _mean_of(self, live: Ranges) -> tuple[float, ...]:
        vectors = VectorIndex.open(
            self._vectors_directory, self.segments, live, self._dimension, self._tuning
        )
        return tuple(mean_of(vectors, live).tolist())

    def _settle_vectors(self, live: Ranges, *, everything: bool) -> None:
        own = [
            Segment.open(self._vectors_directory, entry, self._dimension) for entry in self._writer.entries
        ]
        segments = [*(self._base.vectors.segments if self._base else []), *own]
        loads = [SegmentLoad(len(segment.ids), int(live.mask(segment.ids).sum())) for segment in segments]
        decided = plan(loads, self._tuning, everything=everything)
        for position in decided.linked:
            self._link(segments[position])
        kept = [segments[position].entry for position in decided.linked]
        for group in decided.groups:
            kept += self._rewrite([segments[position] for position in group], live)
        self.segments = tuple(kept)
        names = {name for entry in kept for name in file_names(entry)}
        for name in self._writer.files.keys() - names:
            del self._entries[name]
            (self._vectors_directory / name).unlink()

    def _link(self, segment: Segment) -> None:
        for name in file_names(segment.entry):
            target = self._vectors_directory / name
            if self._base is not None and not target.exists():
                with disk(self.directory):
                    link_or_copy(self._base.directory / "vectors" / name, target)

    def _rewrite(self, segments: Sequence[Segment], live: Ranges) -> list[SegmentEntry]:
        writer = SegmentWriter(self._vectors_directory, self._dimension, self._tuning)
        for ids, rows in living_rows(segments, live):
            writer.add(ids, rows)
        writer.flush()
        self._entries.update(writer.files)
        return writer.entries

    # Words

    def _open_lexical(self, base: Path | None) -> LexicalBuilder:
        return LexicalBuilder(
            self.directory / "lexical",
            base,
            language=self.language,
            heap_bytes=self._tuning.lexical_heap_bytes,
        )

    def _rewrite_words(self, words: Iterable[Words]) -> None:
        with disk(self.directory):
            shutil.rmtree(self.directory / "lexical")
        self._lexical = self._open_lexical(None)
        for word in words:
            self._lexical.add(*word)
        self._lexical.finish()

    # Files

    def _files(self) -> list[Path]:
        return [
            path
            for folder in (self._vectors_directory, self.directory / "lexical")
            for path in sorted(folder.iterdir())
        ]

    def _entry(self, name: str, path: Path) -> FileEntry:
        """Facts are carried from the base for linked files, so that an old damage is never signed as sound."""
        written = self._entries.get(path.name)
        if written is not None:
            return written
        if self._base is not None:
            carried = self._base.manifest.files.get(name)
            if carried is not None and path.name not in REPLACED:  # names are never used for other content
                return carried
        sync_file(path)
        self._entries[path.name] = FileEntry.of(path)
        return self._entries[path.name]
