"""Building a generation's tantivy directory: linked from the base or empty, then words in, versions out, one commit.

tantivy's segment files are immutable and only `meta.json` and `.managed.json` are replaced, so that those two are
copied and the rest is hard-linked; its garbage collector then unlinks only our own names.
"""

from tantivy import Document
from tantivy import Index
from tantivy import Query
from collections.abc import Sequence
from pathlib import Path
from shutil import copyfile
from typing import TYPE_CHECKING, Final

from ragchat.corpus.local.files.failures import disk, tantivy
from ragchat.corpus.local.files.files import link_or_copy
from ragchat.corpus.local.words.lexical import LOCK_FILES, schema
from ragchat.language.analysis import analyze

if TYPE_CHECKING:
    from tantivy import IndexWriter

REPLACED: Final = frozenset({"meta.json", ".managed.json"})
_BATCH: Final = 1_000


class LexicalBuilder:
    """Not thread-safe; nothing is visible before `finish`. Every method raises StorageFailed."""

    def __init__(self, directory: Path, base: Path | None, *, language: str, heap_bytes: int) -> None:
        self.directory = directory
        self._language = language
        with disk(directory):
            directory.mkdir()
            if base is not None:
                _link_all(base, directory)
        with tantivy(directory.name, writing=True):
            self._schema = schema()
            index = Index(self._schema, path=str(directory), reuse=True)
            index.config_reader(reload_policy="manual")
            # One thread: the same documents in the same order always give the same segments.
            self._writer: IndexWriter | None = index.writer(heap_size=heap_bytes, num_threads=1)

    def add(self, chunk_id: int, version_id: int, title: str, headings: Sequence[str], text: str) -> None:
        """Indexes the words of one chunk."""
        entry = Document()
        for name, words in (("title", title), ("headings", "\n".join(headings)), ("body", text)):
            analysed = analyze(words, self._language)
            if analysed:
                entry.add_text(name, " ".join(analysed))
        entry.add_unsigned("chunk_id", chunk_id)
        entry.add_unsigned("version_id", version_id)
        with tantivy(self.directory.name, writing=True):
            self._open_writer().add_document(entry)

    def delete_versions(self, version_ids: Sequence[int]) -> None:
        """Takes every chunk of these versions out, also of those added before in this run."""
        with tantivy(self.directory.name, writing=True):
            for begin in range(0, len(version_ids), _BATCH):
                batch = list(version_ids[begin : begin + _BATCH])
                query = Query.term_set_query(self._schema, "version_id", batch)
                self._open_writer().delete_documents_by_query(query)

    def finish(self) -> None:
        """Commits, lets merges end and leaves only what the last commit needs. The builder is done then."""
        with tantivy(self.directory.name, writing=True):
            writer = self._open_writer()
            writer.commit()
            self._writer = None
            writer.wait_merging_threads()
        with disk(self.directory):
            for name in LOCK_FILES:
                (self.directory / name).unlink(missing_ok=True)

    def abandon(self) -> None:
        """Lets go of the writer's threads; the directory is the caller's to delete. Idempotent."""
        writer, self._writer = self._writer, None
        if writer is not None:
            with tantivy(self.directory.name, writing=True):
                writer.rollback()

    def _open_writer(self) -> "IndexWriter":
        if self._writer is None:
            raise RuntimeError("the lexical builder is finished")
        return self._writer


def _link_all(base: Path, directory: Path) -> None:
    for path in sorted(base.iterdir()):
        if path.name in LOCK_FILES:
            continue
        if path.name in REPLACED:
            copyfile(path, directory / path.name)
        else:
            link_or_copy(path, directory / path.name)
