"""The choice among candidates, and how sure it is: three ensembles learned from questions with known answers.

`contain` says how likely a candidate holds the whole answer, `length` how likely a person who asks this wants to
read so many words; by their product one candidate is picked, or two side by side (together.py), and `sure` says how
likely that is right. `contain` and `sure` come in two fittings, with and without a second reader's grades
(ragchat.answering.quoting.fitted, with folds and figures).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ragchat.answering.question.question import Question
from ragchat.answering.quoting.candidates import Candidate, candidates_of, side_by_side
from ragchat.answering.quoting.features import table_of
from ragchat.answering.quoting.together import Pick, picked
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
    """The best of what was found."""
    units = by_grade(found.units)
    candidates = candidates_of(units)
    if not candidates:
        return NOTHING
    names, rows = table_of(question, candidates, units, found.rarity)
    fitting: Fitting = "graded" if units[0].grade is not None else "ungraded"
    holds = chances(_ensemble(f"contain-{fitting}").scores(names, rows))
    counts = [candidate.words for candidate in candidates]
    wanted = partial(_wanted, names, rows[0])
    pick = picked(holds, counts, [candidate.text for candidate in candidates], wanted)
    worth = holds * wanted(counts)
    told = np.array([[*rows[pick.first], *margins_of(pick, worth, holds)]], np.float32)
    sure = float(chances(_ensemble(f"sure-{fitting}").scores([*names, *MARGINS], told))[0])
    best = candidates[pick.first]
    if pick.second is not None:
        best = side_by_side(best, candidates[pick.second])
    order = tuple(candidates[i] for i in np.argsort(-worth, kind="stable").tolist())
    return Choice(best, sure, order, fitting)


def _wanted(names: list[str], row: NDArray[np.float32], counts: Sequence[int]) -> Scores:
    """The chances that answers of so many words are wanted; what is asked for is the same in each row of a question."""
    rows = np.repeat(row[None], len(counts), axis=0)
    rows[:, names.index("words")] = counts
    return chances(_ensemble("length").scores(names, rows))


def chances(logits: Scores) -> Scores:
    """Of sums of an ensemble's leaves."""
    likely: Scores = 1 / (1 + np.exp(-logits))
    return likely


MARGINS: Final = ("chosen_score", "chosen_margin", "picked_score", "second_holds")
"""What `sure` knows beyond the likelier candidate's own row."""


def margins_of(pick: Pick, worth: Scores, holds: Scores) -> list[float]:
    """In the order of MARGINS: the best candidate's worth and by how much it is ahead, what is worth that was picked,
    and the chance that the second of two holds the answer. `worth` and `holds` of all candidates."""
    best, second = (*np.sort(worth)[::-1][:2].tolist(), 0.0)[:2]
    other = 0.0 if pick.second is None else float(holds[pick.second])
    return [best, best - second, pick.worth, other]


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
