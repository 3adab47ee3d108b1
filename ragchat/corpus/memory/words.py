"""BM25 over counted words: for each field which chunks hold a term how often, and how long their fields are."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final

from ragchat.corpus.fields import FIELD_BOOSTS, heaviest, idf, title_words
from ragchat.corpus.values import Hit, StoredChunk
from ragchat.language.analysis import analyze

_K1: Final = 1.2
_B: Final = 0.75


class _Field:
    """One field of all chunks: how often each holds a term, how many terms each has."""

    def __init__(self) -> None:
        self.holding: dict[str, dict[int, int]] = defaultdict(dict)
        self.lengths: dict[int, int] = {}
        self._total = 0

    def add(self, chunk_id: int, terms: Iterable[str]) -> None:
        counted = Counter(terms)
        for term, times in counted.items():
            self.holding[term][chunk_id] = times
        self.lengths[chunk_id] = counted.total()
        self._total += counted.total()

    def scores(self, term: str) -> Iterator[tuple[int, float]]:
        """BM25 of one term in every chunk that holds it in this field."""
        holding = self.holding.get(term, {})
        average = self._total / max(len(self.lengths), 1)
        worth = idf(len(self.lengths), len(holding)) * (_K1 + 1)
        for chunk_id, times in holding.items():
            norm = _K1 * (1 - _B + _B * self.lengths[chunk_id] / average)
            yield chunk_id, worth * times / (times + norm)


class Words:
    """The words of one generation; made once, then only read."""

    def __init__(self, chunks: Iterable[StoredChunk], language: str) -> None:
        self._fields = {name: _Field() for name in FIELD_BOOSTS}
        self._count = 0
        for chunk in chunks:
            self._count += 1
            for name, text in _texts(chunk):
                self._fields[name].add(chunk.chunk_id, analyze(text, language))

    def match(self, weights: Mapping[str, float], limit: int, allowed: Collection[int] | None) -> list[Hit]:
        """The best of the allowed chunks (None: of all), ties by id."""
        scores: dict[int, float] = defaultdict(float)
        for term, weight in heaviest(weights):
            for name, boost in FIELD_BOOSTS.items():
                for chunk_id, score in self._fields[name].scores(term):
                    if allowed is None or chunk_id in allowed:
                        scores[chunk_id] += weight * boost * score
        best = sorted(scores.items(), key=lambda hit: (-hit[1], hit[0]))
        return [Hit(*hit) for hit in best[: max(limit, 0)]]

    def idf(self, term: str) -> float:
        holding = max(len(field.holding.get(term, ())) for field in self._fields.values())
        return idf(self._count, holding)


def _texts(chunk: StoredChunk) -> Iterator[tuple[str, str]]:
    yield "title", title_words(chunk.document.title, chunk.document.key)
    yield "headings", "\n".join(chunk.heading_path)
    yield "body", chunk.text
