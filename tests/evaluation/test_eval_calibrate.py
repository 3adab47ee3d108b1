"""The fitted threshold separates what can be separated and says what it costs."""

import numpy as np
import pytest
from eval_examples import ScriptedRespondent

from ragchat.errors import UsageError
from ragchat.evaluation.calibrate import calibrate, fit_threshold
from ragchat.evaluation.questions import Question


def test_separable_scores_are_separated_in_the_middle_of_the_gap() -> None:
    fitted = fit_threshold([0.6 + n / 100 for n in range(20)], [0.1 + n / 100 for n in range(20)])
    assert fitted.threshold == pytest.approx((0.29 + 0.6) / 2)
    assert (fitted.false_refusals, fitted.false_answers, fitted.auroc) == (0, 0, 1)


def test_overlapping_scores_balance_both_errors() -> None:
    generator = np.random.default_rng(0)
    known, unknown = generator.normal(1, 0.5, 2000), generator.normal(0, 0.5, 2000)
    fitted = fit_threshold(known.tolist(), unknown.tolist())
    assert fitted.threshold == pytest.approx(0.5, abs=0.05)
    assert fitted.false_refusals == pytest.approx(fitted.false_answers, abs=0.01)
    assert np.mean(known < fitted.threshold) == fitted.false_refusals
    assert np.mean(unknown >= fitted.threshold) == fitted.false_answers


def test_too_few_questions_of_a_kind_are_refused() -> None:
    with pytest.raises(UsageError, match="at least 10 answerable and 10 unanswerable"):
        fit_threshold([0.9] * 50, [0.1] * 9)


def test_scores_come_from_the_answerer_without_answering() -> None:
    questions = [Question(str(n), f"question {n}", answerable=n < 10) for n in range(20)]
    respondent = ScriptedRespondent({}, {q.question: 0.8 if q.answerable else 0.2 for q in questions})
    assert calibrate(questions, respondent).threshold == pytest.approx(0.5)
    assert respondent.asked == []


def test_an_answerer_without_a_score_is_refused() -> None:
    with pytest.raises(UsageError, match="no support score"):
        calibrate([Question("q", "?")], ScriptedRespondent({}))
