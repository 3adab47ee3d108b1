"""How rare words are: one call to the snapshot for all words of an answer, and what stands in for the others."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from ragchat.corpus.contract import Snapshot

Idf = Callable[[str], float]

UNHEARD: Final = "\0"
"""A term that no analysis gives: its idf is that of a word in no chunk."""


@dataclass(frozen=True, slots=True)
class Rarity:
    """Idf of the words that were asked for. Another word counts as one of the usual rarity among them: an answer that
    is put in other words than its source must not cost a call for each of them."""

    known: Mapping[str, float]
    usual: float
    never: float

    def __call__(self, term: str) -> float:
        return self.known.get(term, self.usual)

    def unheard(self, term: str) -> bool:
        """Whether the term stands in no chunk at all; False for one that was not asked for."""
        return self.known.get(term, 0.0) >= self.never


def rarity_of(snapshot: Snapshot, terms: Iterable[str]) -> Rarity:
    """One call for all terms."""
    known = snapshot.idf({*terms, UNHEARD})
    values = [value for term, value in known.items() if term != UNHEARD]
    usual = sum(values) / len(values) if values else known[UNHEARD]
    return Rarity(known, usual, known[UNHEARD])
