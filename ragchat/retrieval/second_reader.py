"""The second reader: a model that reads question and block side by side, over the few units that the search puts first.

Its grades are blended with the search's own scores: alone it is worse than blended (bench/reader). One pass serves
both the order of passages and the choice of quotes.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from ragchat.corpus.first_stage import normalized
from ragchat.documents import BlockKind
from ragchat.errors import UpstreamFailed
from ragchat.models.reranker import Reranker
from ragchat.retrieval.ranking import Scored
from ragchat.retrieval.units import GradedSentence, Unit

READ: Final = 14
"""Units read: about 120 ms for 12 of 128 tokens on two threads."""
LONG, MOST_LONG, MOST_SENTENCES = 45, 3, 14
"""Of the best MOST_LONG units those of more than LONG words are read sentence by sentence, MOST_SENTENCES in all."""
CUT: Final = frozenset[BlockKind]({"paragraph", "item", "step", "answer", "quotation", "footnote", "pair"})
GRADE_WEIGHT: Final = 0.2
"""Share of the grade in a chunk's score. Chosen on the development sets of bench/reader, between .15 and .25; at .5
long documents with near misses rise (chunking, cranfield)."""


def graded(reranker: Reranker, question: str, units: Sequence[Unit], count: int = READ) -> list[Unit]:
    """The units in their order, the first `count` with grades. Raises UpstreamFailed for grades that are none."""
    first = units[:count]
    if not first:
        return list(units)
    grades = np.asarray(reranker.scores(question, [unit.reading for unit in first]), dtype=np.float64)
    if grades.shape != (len(first),) or not np.isfinite(grades).all():
        raise UpstreamFailed(
            f"Reranker {reranker.name} gave {grades.shape} scores for {len(first)} passages."
        )
    read = [replace(unit, grade=float(grade)) for unit, grade in zip(first, grades, strict=True)]
    return [*_closely(reranker, question, read), *units[count:]]


def _closely(reranker: Reranker, question: str, units: Sequence[Unit]) -> list[Unit]:
    """The units, the best long ones among them with a grade for each of their sentences."""
    best = sorted(range(len(units)), key=lambda i: -(units[i].grade or 0.0))[:MOST_LONG]
    sentences = [
        (i, span)
        for i in best
        if units[i].kind in CUT and len(units[i].text.split()) > LONG
        for span in units[i].cut_to_sentences()
    ][:MOST_SENTENCES]
    if not sentences:
        return list(units)
    texts = [f"{units[i].above}\n{units[i].window.of(span)}" for i, span in sentences]
    graded = list(zip(sentences, reranker.scores(question, texts), strict=True))
    return [
        replace(unit, graded=tuple(GradedSentence(span, float(g)) for (i, span), g in graded if i == number))
        for number, unit in enumerate(units)
    ]


def blended(found: Sequence[Scored], units: Sequence[Unit]) -> list[Scored]:
    """Chunks by the mean of their own score and the best grade of their units, best first."""
    read = [unit for unit in units if unit.grade is not None]
    if not read:
        return list(found)
    grades = np.array([unit.grade for unit in read], dtype=np.float64)
    scaled = normalized(grades, float(grades.min()))
    best: dict[int, tuple[float, float]] = {}
    for unit, grade, scale in zip(read, grades.tolist(), scaled.tolist(), strict=True):
        best[unit.rank] = max(best.get(unit.rank, (0.0, grade)), (scale, grade))
    mixed = [_mixed(scored, *best.get(rank, (0.0, None))) for rank, scored in enumerate(found)]
    return sorted(mixed, key=lambda scored: (-scored.score, scored.chunk.chunk_id))


def _mixed(scored: Scored, scaled: float, grade: float | None) -> Scored:
    score = (1 - GRADE_WEIGHT) * scored.score + GRADE_WEIGHT * scaled
    explanation = {**scored.explanation, "relative": score}
    return replace(
        scored,
        score=score,
        explanation=explanation if grade is None else {**explanation, "grade": grade},
    )
