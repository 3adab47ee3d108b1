"""Claims over documents, right and wrong by one small edit, as lines: sample.txt over corpus/, public.txt over
public ones; unseen.txt over corpus/ too, written last and never fitted on.

"@ [corpus:]file | words of the place", then "+ kind | a right claim" and "- kind | a wrong one".
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Pair:
    """One claim and the place that it cites; claims of one place are in one fold."""

    corpus: str
    file: str
    words: str
    kind: str
    claim: str
    supported: bool
    unseen: bool = False

    @property
    def place(self) -> str:
        return f"{self.corpus}:{self.file}|{self.words}"


def listed_pairs(corpus: str | None = None) -> Iterator[Pair]:
    """All claims, or those over one corpus."""
    for name in ("sample.txt", "public.txt", "unseen.txt"):
        for pair in _of((HERE / name).read_text("utf-8"), unseen=name == "unseen.txt"):
            if corpus in (None, pair.corpus):
                yield pair


def _of(text: str, *, unseen: bool) -> Iterator[Pair]:
    place = ("", "", "")
    for line in filter(None, map(str.strip, text.splitlines())):
        mark, rest = line[0], line[1:].strip()
        if mark == "@":
            where, words = rest.split(" | ", 1)
            corpus, _, file = where.rpartition(":")
            place = (corpus or "sample", file, words)
        elif mark in "+-":
            kind, claim = rest.split(" | ", 1)
            yield Pair(*place, kind, claim, mark == "+", unseen)
