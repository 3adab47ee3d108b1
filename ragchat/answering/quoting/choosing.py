"""The choice among candidates, and how sure it is: two ensembles learned from questions with known answers.

One orders the candidates of a question (listwise), the other says how likely the best one answers it. Both come in two
fittings, with and without a second reader's grades (ragchat.answering.quoting.fitted, with folds and figures).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import exp
from typing import Final, Literal

import numpy as np

from ragchat.answering.question.question import Question
from ragchat.answering.quoting.candidates import Candidate, candidates_of
from ragchat.answering.quoting.features import table_of
from ragchat.answering.quoting.trees import Ensemble
from ragchat.answering.refusing.thresholds import Fitting
from ragchat.retrieval.search import Retrieval
from ragchat.retrieval.units import Unit

BLEND: Final = 0.5


@dataclass(frozen=True, slots=True)
class Choice:
    """`best` is what would be quoted, None where nothing can be; `sure` in [0, 1] how likely it answers the question;
    `order` all candidates, best first; `fitting` which thresholds hold for it."""

    best: Candidate | None
    sure: float
    order: tuple[Candidate, ...] = ()
    fitting: Fitting = "graded"


NOTHING: Final = Choice(None, 0.0)


def chosen(question: Question, found: Retrieval) -> Choice:
    """The best candidate of what was found."""
    units = by_grade(found.units)
    candidates = candidates_of(units)
    if not candidates:
        return NOTHING
    names, rows = table_of(question, candidates, units, found.rarity)
    fitting: Fitting = "graded" if units[0].grade is not None else "ungraded"
    scores = _ensemble("order", fitting).scores(names, rows)
    order = np.argsort(-scores, kind="stable").tolist()
    best = order[0]
    sureness = _ensemble("sure", fitting).scores(
        [*names, *margins()], np.array([[*rows[best], *_margins(scores[order])]], np.float32)
    )
    sure = 1 / (1 + exp(-float(sureness[0])))
    return Choice(candidates[best], sure, tuple(candidates[i] for i in order), fitting)


def margins() -> list[str]:
    """Names of what `sure` knows beyond the best candidate's own row."""
    return ["chosen_score", "chosen_margin"]


def _margins(scores: np.ndarray[tuple[int], np.dtype[np.float64]]) -> list[float]:
    second = float(scores[1]) if len(scores) > 1 else float(scores[0]) - 1.0
    return [float(scores[0]), float(scores[0]) - second]


def by_grade(units: Sequence[Unit]) -> list[Unit]:
    """Units best first: by the mean of the first order and of the grade, each from its least to its best as [0, 1]."""
    read = [unit for unit in units if unit.grade is not None]
    if not read:
        return list(units)
    low, high = min(unit.grade or 0.0 for unit in read), max(unit.grade or 0.0 for unit in read)
    least, most = min(unit.first for unit in read), max(unit.first for unit in read)

    def score(unit: Unit) -> float:
        grade = ((unit.grade or 0.0) - low) / max(high - low, 1e-9)
        first = (unit.first - least) / max(most - least, 1e-9)
        return BLEND * grade + (1 - BLEND) * first

    return [*sorted(read, key=lambda unit: -score(unit)), *(unit for unit in units if unit.grade is None)]


@cache
def _ensemble(task: Literal["order", "sure"], fitting: Fitting) -> Ensemble:
    return Ensemble.shipped(f"{task}-{fitting}.json")
