"""Whether the words that a sentence cites support it: read as a reader reads them, judged by meaning and words,
and never against hard facts that differ.

For each cited source the best window is found: one to three sentences of prose, or one row of a table. The window
is what is quoted; title, headings, lead-in and table header are read along. A claim that fuses two sources is
verified by both windows together when each brings something. What it costs and brings on claims with known labels:
bench/answering.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce

import numpy as np
from anyio import CapacityLimiter

from ragchat.answering.citations import Support
from ragchat.answering.grounding.evidence import Claim, Evidence, contradicted
from ragchat.answering.grounding.facts import facts_of
from ragchat.answering.grounding.judging import Compared, features_of, shipped_judge
from ragchat.answering.grounding.opposites import alike
from ragchat.answering.grounding.overlap import Idf, covered, terms
from ragchat.answering.grounding.reading import Read, read_of
from ragchat.answering.working import in_thread
from ragchat.documents import Span
from ragchat.language.analysis import analyze
from ragchat.models.embedder import Embedder
from ragchat.models.reranker import LOCAL, Reranker
from ragchat.retrieval.search import RetrievedPassage
from ragchat.retrieval.windows import Window

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
class _Best:
    """The window of one source that comes nearest; `coverage` of the claim's words by its own ones alone."""

    n: int
    evidence: Evidence
    coverage: float


class Grounder:
    """Checks sentences against passages. Thread-safe."""

    def __init__(
        self,
        embedder: Embedder,
        language: str,
        idf: Idf,
        limiter: CapacityLimiter | None = None,
        reader: Reranker | None = None,
    ) -> None:
        """`language` is the corpus', whose analysis makes its index terms; `idf` says how rare they are. `reader`
        is a second reader; only the shipped one's grades are known to the judge, others are not asked."""
        self._embedder = embedder
        self.language = language
        self.idf = idf
        self._limiter = limiter
        self._reader = reader if reader is not None and reader.name == LOCAL else None
        self._judge = shipped_judge(graded=self._reader is not None)

    async def check(
        self,
        sentence: str,
        cited: Mapping[int, RetrievedPassage],
        windows: Mapping[int, Window] | None = None,
    ) -> list[Verdict]:
        """A verdict for each cited source, in the order of `cited`; works in a worker thread. `windows` are what
        was read around the passages: without them no headings, leads and header rows are known but the passage's
        own."""
        if not cited or not any(character.isalnum() for character in sentence):
            return []
        return await in_thread(lambda: self.verdicts(sentence, cited, windows), self._limiter)

    def verdicts(
        self,
        sentence: str,
        cited: Mapping[int, RetrievedPassage],
        windows: Mapping[int, Window] | None = None,
    ) -> list[Verdict]:
        """The same, at once."""
        claim = self._claim(sentence)
        around = windows or {}
        found = [
            best
            for n, passage in cited.items()
            if (best := self._best(claim, n, passage, around.get(n))) is not None
        ]
        alone = {best.n: self._supported(claim, best.evidence) for best in found}
        if len(found) > 1 and not any(one.verified for one in alone.values()) and self._fused(claim, found):
            alone = {n: replace(one, verified=True) for n, one in alone.items()}
        return [Verdict(best.n, best.evidence.span, alone[best.n]) for best in found]

    def nearest(
        self, sentence: str, passage: RetrievedPassage, window: Window | None
    ) -> tuple[Claim, Evidence]:
        """A claim and what of one source comes nearest to it, for measuring. Raises ValueError where nothing can
        be quoted."""
        claim = self._claim(sentence)
        best = self._best(claim, 1, passage, window)
        if best is None:
            raise ValueError("the passage holds no sentence")
        return claim, best.evidence

    def _claim(self, sentence: str) -> Claim:
        language = self.language
        facts = facts_of(sentence, language)
        return Claim(
            sentence,
            tuple(analyze(sentence, language)),
            facts,
            self._embedder.embed_query(sentence),
            alike((language, *facts.languages)),
        )

    def _best(self, claim: Claim, n: int, passage: RetrievedPassage, window: Window | None) -> _Best | None:
        """The window that comes nearest; a longer one only if it gains enough."""
        read = read_of(passage, window, self.language)
        if not read:
            return None
        meanings = self._meanings(claim, read)
        near = terms(window.text, self.language) if window is not None else frozenset()
        best: tuple[float, _Best] | None = None
        for first in range(len(read)):
            for width in range(1, LONGEST_WINDOW + 1):
                taken = read[first : first + width]
                if len(taken) < width or (width > 1 and not _read_on(taken[-2], taken[-1])):
                    break
                evidence = Evidence.of(taken, max(meanings[first : first + width]), near)
                coverage = covered(claim.words, evidence.words | evidence.frame_words, self.idf)
                value = (coverage + evidence.meaning) / 2 - WIDER_COSTS * (width - 1)
                if best is None or value > best[0]:
                    own = covered(claim.words, evidence.words, self.idf)
                    best = (value, _Best(n, evidence, own))
        return best[1] if best else None

    def _meanings(self, claim: Claim, read: Sequence[Read]) -> Sequence[float]:
        """Cosine of the claim with each sentence; embedded here where the index has no sentence vectors."""
        known = [one.vector for one in read if one.vector is not None]
        if len(known) < len(read):
            known = list(self._embedder.embed_documents([one.text for one in read]))
        values: list[float] = (np.asarray(known) @ claim.vector).tolist()
        return values

    def features(self, claim: Claim, evidence: Evidence) -> tuple[float, ...]:
        """What the judge is told."""
        compared = Compared(
            claim.terms,
            analyze(evidence.text, self.language),
            evidence.words,
            evidence.frame_words,
            claim.alike,
            evidence.meaning,
            self._grade(claim, evidence),
        )
        return features_of(compared, self.idf)

    def _grade(self, claim: Claim, evidence: Evidence) -> float | None:
        if self._reader is None:
            return None
        return self._reader.scores(claim.text, [f"{evidence.frame}\n{evidence.text}"])[0]

    def _supported(self, claim: Claim, evidence: Evidence) -> Support:
        """What differs is looked for first: the second reader reads only what nothing speaks against."""
        if contradicted(claim, evidence, self.language, self.idf) is not None:
            return Support(False, "llm", 0.0)
        features = self.features(claim, evidence)
        return Support(self._judge.supported(features), "llm", self._judge.likelihood(features))

    def _fused(self, claim: Claim, found: Sequence[_Best]) -> bool:
        if not all(best.coverage >= BRINGS for best in found):
            return False
        return self._supported(claim, reduce(Evidence.joined, (best.evidence for best in found))).verified


def _read_on(one: Read, other: Read) -> bool:
    """Whether a reader reads the second right after the first: a row of a table stands for itself."""
    return not one.is_row and not other.is_row and one.frame == other.frame
