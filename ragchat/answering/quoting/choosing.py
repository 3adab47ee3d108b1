"""The choice among candidates, and how sure it is: three ensembles learned from questions with known answers.

`contain` says how likely a candidate holds the whole answer, `length` how likely a person who asks this wants to
read so many words; their product orders the candidates, and `sure` says how likely the best one is right. `contain`
and `sure` come in two fittings, with and without a second reader's grades (ragchat.answering.quoting.fitted, with
folds and figures).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np

from ragchat.answering.question.question import Question
from ragchat.answering.quoting.candidates import Candidate, candidates_of
from ragchat.answering.quoting.features import Table, table_of
from ragchat.answering.quoting.trees import Ensemble
from ragchat.answering.refusing.thresholds import Fitting
from ragchat.corpus.first_stage import Scores
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
    candidates = candidates_of(units, paired=asks_for_two(question))
    if not candidates:
        return NOTHING
    names, rows = table_of(question, candidates, units, found.rarity)
    fitting: Fitting = "graded" if units[0].grade is not None else "ungraded"
    scores = worth(names, rows, _ensemble(f"contain-{fitting}"), _ensemble("length"))
    order = np.argsort(-scores, kind="stable").tolist()
    best = order[0]
    told = np.array([[*rows[best], *margins_of(scores[order])]], np.float32)
    sure = float(_chances(_ensemble(f"sure-{fitting}").scores([*names, *margins()], told))[0])
    return Choice(candidates[best], sure, tuple(candidates[i] for i in order), fitting)


def asks_for_two(question: Question) -> bool:
    """Whether two units side by side may be what it takes: a comparison, or two questions in one."""
    return not question.kinds.isdisjoint({"compare", "more"})


def worth(names: list[str], rows: Table, contain: Ensemble, length: Ensemble) -> Scores:
    """For each candidate the chance that it holds the answer, times that of its length being wanted."""
    return _chances(contain.scores(names, rows)) * _chances(length.scores(names, rows))


def _chances(logits: Scores) -> Scores:
    chances: Scores = 1 / (1 + np.exp(-logits))
    return chances


def margins() -> list[str]:
    """Names of what `sure` knows beyond the best candidate's own row."""
    return ["chosen_score", "chosen_margin"]


def margins_of(ordered: Scores) -> list[float]:
    """Of scores that come best first."""
    second = float(ordered[1]) if len(ordered) > 1 else 0.0
    return [float(ordered[0]), float(ordered[0]) - second]


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
def _ensemble(name: str) -> Ensemble:
    return Ensemble.shipped(f"{name}.json")
