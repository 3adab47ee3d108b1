"""Building the files of one generation in a directory of its own, under a name that no reader looks at.

Vectors and words stream in while documents are staged; `finish` settles segments, graph and words; `seal` writes the
manifest and makes everything durable. The base generation's directory is only ever read and linked from.
"""

import json
import secrets
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from ragchat.index.compaction import Plan, SegmentLoad, plan
from ragchat.index.failures import damaged, disk
from ragchat.index.files import link_or_copy, sync_directory, sync_file, write_durably
from ragchat.index.generation import Generation
from ragchat.index.graph import build_graph, living_rows
from ragchat.index.live import Ranges
from ragchat.index.manifest import MANIFEST_NAME, FileEntry, Manifest, SegmentEntry
from ragchat.index.segments import FlatSegment, Segment, SegmentWriter
from ragchat.index.tuning import Tuning
from ragchat.index.wording import REPLACED, LexicalBuilder
from ragchat.models.embedder import Vectors

BUILDING_PREFIX: Final = ".building-"

# (chunk_id, version_id, title, headings, text)
Words = tuple[int, int, str, tuple[str, ...], str]


class GenerationBuild:
    """One attempt; `abandon` deletes what it wrote. Every method raises StorageFailed."""

    def __init__(
        self, generations: Path, base: Generation | None, dimension: int, language: str, tuning: Tuning
    ) -> None:
        """`base` gives the files to link from; None starts with empty ones."""
        self.directory = generations / f"{BUILDING_PREFIX}{secrets.token_hex(6)}"
        self.language = language
        self._base = base
        self._dimension = dimension
        self._tuning = tuning
        self.segments: tuple[SegmentEntry, ...] = ()
        self._entries: dict[str, FileEntry] = {}
        with disk(self.directory):
            self._vectors_directory.mkdir(parents=True)
        self._writer = SegmentWriter(self._vectors_directory, dimension, tuning.segment_rows)
        # Words of another language are analysed anew, all of them, once it is known what lives.
        self._words_later = base is not None and base.language != language
        linked = base.directory / "lexical" if base is not None and not self._words_later else None
        self._lexical = self._open_lexical(linked)

    @property
    def _vectors_directory(self) -> Path:
        return self.directory / "vectors"

    def add(self, words: Sequence[Words], vectors: Vectors) -> None:
        """The chunks of one document, ids ascending over all calls; `vectors` is float32 (len(words), dim)."""
        if words:
            self._writer.add(np.asarray([word[0] for word in words], dtype=np.int64), vectors)
        for word in () if self._words_later else words:
            self._lexical.add(*word)

    def finish(
        self, live: Ranges, dead_versions: Sequence[int], words: Iterable[Words], *, everything: bool
    ) -> None:
        """Leaves exactly what `live` needs. `words` yields every living chunk, should they be written anew."""
        self._writer.flush()
        self._entries.update(self._writer.files)
        self._settle_vectors(live, everything=everything)
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
            sealed = replace(manifest, files=entries, segments=self.segments)
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

    def _settle_vectors(self, live: Ranges, *, everything: bool) -> None:
        base = self._base.vectors.flat if self._base else []
        own = [
            Segment.open(self._vectors_directory, entry, self._dimension) for entry in self._writer.entries
        ]
        flat = [*base, *(segment for segment in own if isinstance(segment, FlatSegment))]
        loads = [
            SegmentLoad(len(segment.ids), int(live.mask(segment.ids).sum()), segment.entry.in_graph)
            for segment in flat
        ]
        decided = plan(loads, self._tuning, everything=everything)
        kept = [self._keep(flat[position]) for position in decided.linked]
        kept += self._rewrite(flat, decided, live)
        names = {entry.name for entry in kept}
        for entry in self._writer.entries:
            if entry.name not in names:
                self._entries.pop(entry.name)
                (self._vectors_directory / entry.name).unlink()
        graph = self._settle_graph(kept, live, everything=everything)  # marks what it covers
        self.segments = (*kept, *graph)

    def _keep(self, segment: Segment) -> SegmentEntry:
        name = segment.entry.name
        if not (self._vectors_directory / name).exists() and self._base is not None:
            with disk(self.directory):
                link_or_copy(self._base.directory / "vectors" / name, self._vectors_directory / name)
        return segment.entry

    def _rewrite(self, flat: Sequence[FlatSegment], decided: Plan, live: Ranges) -> list[SegmentEntry]:
        written: list[SegmentEntry] = []
        for group in decided.groups:
            members = [flat[position] for position in group]
            writer = SegmentWriter(
                self._vectors_directory,
                self._dimension,
                self._tuning.segment_rows,
                in_graph=members[0].entry.in_graph,
            )
            for ids, vectors in living_rows(members, live):
                writer.add(ids, vectors)
            writer.flush()
            self._entries.update(writer.files)
            written += writer.entries
        return written

    def _settle_graph(
        self, kept: list[SegmentEntry], live: Ranges, *, everything: bool
    ) -> tuple[SegmentEntry, ...]:
        old = self._base.vectors.graph if self._base else None
        if live.count < self._tuning.graph_threshold:
            kept[:] = [_marked(entry, in_graph=False) for entry in kept]
            return ()
        if old is not None:
            known = int(live.mask(old.ids).sum())
            stale = (live.count - known) + (len(old.ids) - known)
            dead = len(old.ids) - known
            if stale < self._tuning.graph_stale_share * live.count and not (everything and dead):
                return (self._keep(old),)
        flat = [Segment.open(self._vectors_directory, entry, self._dimension) for entry in kept]
        graph, entry = build_graph(
            self._vectors_directory,
            [segment for segment in flat if isinstance(segment, FlatSegment)],
            live,
            self._dimension,
        )
        self._entries[graph.name] = entry
        kept[:] = [_marked(segment, in_graph=True) for segment in kept]
        return (graph,)

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


def dead_entries(lexical: Path) -> int:
    """Deleted entries whose words are still in the segment files of a tantivy directory."""
    try:
        with disk(lexical):
            meta: Mapping[str, list[dict[str, dict[str, int] | None]]] = json.loads(
                (lexical / "meta.json").read_bytes()
            )
        return sum((segment["deletes"] or {}).get("num_deleted_docs", 0) for segment in meta["segments"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise damaged(f"{lexical.name}/meta.json", "not the JSON that tantivy wrote") from error


def _marked(entry: SegmentEntry, *, in_graph: bool) -> SegmentEntry:
    return replace(entry, in_graph=in_graph)
