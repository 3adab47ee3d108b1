"""The language of a new collection, told by its text files before anything is read in earnest.

It decides the stemmer and the words that are left out of the word index. A collection keeps the language that it began
with unless another one is asked for; files that are not plain text (PDF, DOCX) are not looked into.
"""

import os
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from ragchat.index.languages import language_of

SUFFIXES = (".md", ".markdown", ".txt", ".rst", ".html", ".htm", ".jsonl", ".ndjson", ".csv")
MOST_SEEN, MOST_READ, BYTES = 2000, 40, 32_768
"""Names of files looked at, files read (spread over them), and bytes of each."""

_MARKUP = re.compile(r"<(script|style)\b.*?</\1\s*>|<[^<>]*>", re.S | re.I)


def guessed_language(paths: Sequence[Path | str]) -> str | None:
    """ISO 639-1 code of what most of the text below the paths is in; None where that cannot be told."""
    files = list(islice(_text_files(paths), MOST_SEEN))
    return language_of(_beginning(file) for file in files[:: max(1, len(files) // MOST_READ)])


def _text_files(paths: Sequence[Path | str]) -> Iterator[Path]:
    for path in map(Path, paths):
        if path.is_file():
            yield path
        for folder, folders, names in os.walk(path):
            folders.sort()
            yield from (Path(folder, name) for name in sorted(names) if name.lower().endswith(SUFFIXES))


def _beginning(file: Path) -> str:
    """Empty for what cannot be read: the run itself will say so."""
    try:
        with file.open("rb") as stream:
            return _MARKUP.sub(" ", stream.read(BYTES).decode("utf-8", "replace"))
    except OSError:
        return ""
