"""The language of a new collection, told by a sample of its files before anything is read in earnest.

It decides the stemmer and the words that are left out of the word index. A collection keeps the language that it began
with unless another one is asked for. Of text files the beginning is read as it is; of the others (PDF, DOCX, …) a few
small ones are parsed, under limits so tight that a hostile one costs seconds.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from ingest.extract.formats import MEDIA_TYPES, QUICK, TEXT_TYPES
from ingest.extract.worker import ExtractionWorker, Limits
from ingest.sources import ScanOptions, SourceFile, is_loader, scan
from ingest.sources.kinds import JSONL_SUFFIXES
from ragchat.errors import DocumentFailed
from ragchat.language.detection import language_of

MOST_SEEN, MOST_READ, BYTES = 2000, 40, 32_768
"""Files looked at, text files read (spread over them), and bytes of each (code points of what is parsed)."""
MOST_PARSED, PARSED = 8, Limits(max_bytes=1_000_000, seconds=5.0, memory_bytes=1024**3)
"""Files parsed (spread over those of this size) and what each may cost."""

_HIDDEN = re.compile(r"<(/?)(script|style)\b", re.I)
_TAG = re.compile(r"<[^<>]*>")


def guessed_language(paths: Sequence[Path | str], options: ScanOptions | None = None) -> str | None:
    """ISO 639-1 code of what most of the text below the paths is in; None where that cannot be told."""
    files = list(islice(_documents(paths, options), MOST_SEEN))
    plain = [file for file in files if _is_text(file)]
    others = [file for file in files if not _is_text(file) and file.size <= PARSED.max_bytes]
    return language_of(_texts(_spread(plain, MOST_READ), _spread(others, MOST_PARSED)))


def _documents(paths: Sequence[Path | str], options: ScanOptions | None) -> Iterator[SourceFile]:
    """What the run will read, by the same rules: no hidden folders, no environments, no devices."""
    for path in (Path(given) for given in paths if not is_loader(str(given))):
        for file in scan(path, options):
            known = _is_text(file) or file.path.suffix.lower() in QUICK
            if known and not file.skipped and file.path.is_file():
                yield file


def _is_text(file: SourceFile) -> bool:
    suffix = file.path.suffix.lower()
    return suffix in JSONL_SUFFIXES or MEDIA_TYPES.get(suffix) in TEXT_TYPES


def _spread(files: Sequence[SourceFile], most: int) -> Sequence[SourceFile]:
    return files[:: -(-len(files) // most)] if files else files


def _texts(plain: Sequence[SourceFile], others: Sequence[SourceFile]) -> Iterator[str]:
    """Empty for what cannot be read: the run itself will say so."""
    for file in plain:
        try:
            with file.path.open("rb") as stream:
                yield unmarked(stream.read(BYTES).decode("utf-8", "replace"))
        except OSError:
            continue
    with ExtractionWorker(PARSED) as worker:
        for file in others:
            try:
                yield worker.extract(file.path).text[:BYTES]
            except DocumentFailed:
                continue


def unmarked(text: str) -> str:
    """The text without tags, scripts and styles; a script that does not end hides the rest. Linear."""
    kept: list[str] = []
    begin, hiding = 0, ""
    for tag in _HIDDEN.finditer(text):
        closes, name = bool(tag[1]), tag[2].lower()
        if hiding and closes and name == hiding:
            begin, hiding = tag.start(), ""
        elif not hiding and not closes:
            kept.append(text[begin : tag.start()])
            hiding = name
    if not hiding:
        kept.append(text[begin:])
    return _TAG.sub(" ", " ".join(kept))
