"""Whether the words that a sentence cites support it: meaning, word overlap, and hard facts that must not differ.

For each cited source the best window of one to three sentences is found; the window is what is quoted. A claim that
fuses two sources is verified by both windows together when each brings something. Thresholds and what they cost on
claims with known labels stand in bench/answering/README.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
from anyio import CapacityLimiter

from ragchat.answering.citations import Support
from ragchat.answering.grounding.facts import Facts, facts_of, names_agree, polarity_agrees
from ragchat.answering.grounding.figures import figures_agree
from ragchat.answering.grounding.overlap import Idf, covered, terms
from ragchat.answering.grounding.slant import slant_agrees
from ragchat.answering.working import in_thread
from ragchat.documents import Span
from ragchat.models.embedder import Embedder, Vectors
from ragchat.retrieval.search import RetrievedPassage, RetrievedSentence

THRESHOLD = 0.67
"""Least mean of the cosine and the idf-weighted share of the claim's words."""
VERBATIM, RELATED = 0.98, 0.4
"""A claim whose words all stand there needs less of the cosine: sentence vectors carry the text around them."""
LONGEST_WINDOW = 3
WIDER_COSTS = 0.03
"""What a window must gain for each further sentence that it takes in."""
BRINGS = 0.25
"""Least share of a fused claim's words that each of its sources must hold."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found for one claim in source `n`: the words that come nearest, and whether they support it."""

    n: int
    span: Span
    support: Support


@dataclass(frozen=True, slots=True)
class _Claim:
    text: str
    words: frozenset[str]
    facts: Facts
    vector: Vectors


@dataclass(frozen=True, slots=True)
class _Window:
    n: int
    span: Span
    text: str
    words: frozenset[str]
    coverage: float
    meaning: float

    @property
    def score(self) -> float:
        return (self.coverage + self.meaning) / 2


class Grounder:
    """Checks sentences against passages. Thread-safe."""

    def __init__(
        self, embedder: Embedder, language: str, idf: Idf, limiter: CapacityLimiter | None = None
    ) -> None:
        """`language` is the corpus', whose analysis makes its index terms; `idf` says how rare they are."""
        self._embedder = embedder
        self._language = language
        self._idf = idf
        self._limiter = limiter

    async def check(self, sentence: str, cited: Mapping[int, RetrievedPassage]) -> list[Verdict]:
        """A verdict for each cited source, in the order of `cited`; works in a worker thread."""
        if not cited or not any(character.isalnum() for character in sentence):
            return []
        return await in_thread(lambda: self.verdicts(sentence, cited), self._limiter)

    def verdicts(self, sentence: str, cited: Mapping[int, RetrievedPassage]) -> list[Verdict]:
        """The same, at once."""
        language = self._language
        claim = _Claim(
            sentence,
            terms(sentence, language),
            facts_of(sentence, language),
            self._embedder.embed_query(sentence),
        )
        windows = [
            window for n, passage in cited.items() if (window := self._best(claim, n, passage)) is not None
        ]
        alone = {window.n: self._supports(claim, [window], cited) for window in windows}
        if len(windows) > 1 and not any(alone.values()) and self._fused(claim, windows, cited):
            alone = dict.fromkeys(alone, True)
        return [
            Verdict(window.n, window.span, Support(alone[window.n], "llm", max(0.0, min(1.0, window.score))))
            for window in windows
        ]

    def _best(self, claim: _Claim, n: int, passage: RetrievedPassage) -> _Window | None:
        """The window that comes nearest; a longer one only if it gains enough."""
        sentences = passage.sentences
        if not sentences:
            return None
        words = [terms(sentence.text, self._language) for sentence in sentences]
        meanings = self._meanings(claim, passage)
        best: tuple[float, _Window] | None = None
        for width in range(1, LONGEST_WINDOW + 1):
            for first in range(len(sentences) - width + 1):
                last = first + width - 1
                span = Span(sentences[first].span.start, sentences[last].span.end)
                held = frozenset[str]().union(*words[first : last + 1])
                window = _Window(
                    n,
                    span,
                    _between(sentences[first : last + 1]),
                    held,
                    covered(claim.words, held, self._idf),
                    float(max(meanings[first : last + 1])),
                )
                value = window.score - WIDER_COSTS * (width - 1)
                if best is None or value > best[0]:
                    best = (value, window)
        return best[1] if best else None

    def _meanings(self, claim: _Claim, passage: RetrievedPassage) -> Sequence[float]:
        """Cosine of the claim with each sentence; embedded here where the index has no sentence vectors."""
        stored = [sentence.vector for sentence in passage.sentences]
        known = [vector for vector in stored if vector is not None]
        if len(known) < len(stored):
            known = list(self._embedder.embed_documents([sentence.text for sentence in passage.sentences]))
        values: list[float] = (np.asarray(known) @ claim.vector).tolist()
        return values

    def _supports(
        self, claim: _Claim, windows: Sequence[_Window], cited: Mapping[int, RetrievedPassage]
    ) -> bool:
        held = reduce(frozenset.union, (window.words for window in windows))
        meaning = max(window.meaning for window in windows)
        coverage = covered(claim.words, held, self._idf)
        if (coverage + meaning) / 2 < THRESHOLD and not (coverage >= VERBATIM and meaning >= RELATED):
            return False
        source = facts_of("\n".join(window.text for window in windows), self._language)
        if not (figures_agree(claim.facts.figures, source.figures) and polarity_agrees(claim.facts, source)):
            return False
        if not slant_agrees(claim.facts.words, source.words, claim.facts.languages):
            return False
        titles = frozenset[str]().union(*(self._titles(cited[window.n]) for window in windows))
        texts = [(window.text, window.words) for window in windows]
        return names_agree(claim.facts, claim.words, texts, titles, self._language)

    def _fused(
        self, claim: _Claim, windows: Sequence[_Window], cited: Mapping[int, RetrievedPassage]
    ) -> bool:
        return all(window.coverage >= BRINGS for window in windows) and self._supports(claim, windows, cited)

    def _titles(self, passage: RetrievedPassage) -> frozenset[str]:
        return terms(" ".join((passage.document.title, *passage.heading_path)), self._language)


def _between(sentences: Sequence[RetrievedSentence]) -> str:
    return " ".join(sentence.text for sentence in sentences)
