"""A refusal threshold fitted from golden questions. Fitting lives here; storing it with an index does not.

Answers are given when the support score reaches the threshold. The fit minimises the larger of the two error rates
(false refusals and false answers), because a support desk suffers from either; `calibrate` in the docs gives the
choice of trading one for the other.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ragchat.errors import UsageError
from ragchat.evaluation.metrics import auroc
from ragchat.evaluation.questions import Question
from ragchat.evaluation.run import Progress, Respondent, no_progress

FEWEST = 10
"""Questions of each kind below which a threshold would be chance."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """`threshold` on the support score and what it costs on the questions it was fitted on, as shares."""

    threshold: float
    false_refusals: float
    false_answers: float
    auroc: float
    answerable: int
    unanswerable: int


def calibrate(
    questions: Sequence[Question], respondent: Respondent, *, progress: Progress = no_progress
) -> Calibration:
    """Fits the threshold from the support of every question. UsageError without enough questions of both kinds."""
    scores: dict[bool, list[float]] = {True: [], False: []}
    for done, question in enumerate(questions):
        progress(done, len(questions))
        support = respondent.support(question.question, question.history)
        if support is None:
            raise UsageError("This answerer has no support score, so there is no threshold to calibrate.")
        scores[question.answerable].append(support)
    progress(len(questions), len(questions))
    return fit_threshold(scores[True], scores[False])


def fit_threshold(answerable: Sequence[float], unanswerable: Sequence[float]) -> Calibration:
    """The threshold with the least larger error rate; among equals the middle of the widest gap between scores."""
    if min(len(answerable), len(unanswerable)) < FEWEST:
        raise UsageError(
            f"Calibration needs at least {FEWEST} answerable and {FEWEST} unanswerable questions "
            f"(here {len(answerable)} and {len(unanswerable)}).",
            hint='Add questions that the documents do not answer, with "answerable": false.',
        )
    known, unknown = np.sort(np.asarray(answerable, float)), np.sort(np.asarray(unanswerable, float))
    scores = np.unique(np.concatenate([known, unknown]))
    candidates = np.concatenate([scores[:1], (scores[1:] + scores[:-1]) / 2])
    refused = np.searchsorted(known, candidates, side="left") / len(known)
    answered = (len(unknown) - np.searchsorted(unknown, candidates, side="left")) / len(unknown)
    worst = np.maximum(refused, answered)
    tied = np.flatnonzero(
        (worst == worst.min()) & (refused + answered <= _least_sum(worst, refused + answered))
    )
    widths = np.concatenate([[0.0], np.diff(scores)])
    best = int(tied[np.argmax(widths[tied])])
    separation = auroc(known.tolist(), unknown.tolist())
    assert separation is not None
    return Calibration(
        threshold=float(candidates[best]),
        false_refusals=float(refused[best]),
        false_answers=float(answered[best]),
        auroc=separation,
        answerable=len(known),
        unanswerable=len(unknown),
    )


def _least_sum(worst: np.ndarray, total: np.ndarray) -> float:
    """The least sum of both rates among the candidates whose larger rate is least."""
    return float(total[worst == worst.min()].min())
