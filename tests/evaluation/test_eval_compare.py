"""Two runs are compared question by question; the interval tells a change from chance."""

import json
from pathlib import Path

import numpy as np
import pytest
from eval_examples import WordSearcher

from ragchat.errors import UsageError
from ragchat.evaluation.questions import Evidence, Question
from ragchat.evaluation.reporting.compare import Difference, compare, load_rows
from ragchat.evaluation.result import Row
from ragchat.evaluation.run import evaluate


def rows(values: "np.typing.NDArray[np.float64]", measure: str = "recall_at_5") -> list[Row]:
    return [Row(str(n), True, "found", {measure: float(value)}) for n, value in enumerate(values)]


def difference(new: list[Row], old: list[Row], figure: str = "retrieval.recall_at_5") -> Difference:
    (found,) = (d for d in compare(new, old, resamples=500).differences if d.figure == figure)
    return found


def test_a_clear_gain_leaves_zero_out() -> None:
    old = np.arange(200) % 2
    found = difference(rows(np.maximum(old, np.arange(200) % 5 == 0)), rows(old))
    assert found.change == pytest.approx(0.1)
    assert 0 < found.low < 0.1 < found.high < 0.2
    assert found.verdict == "better"


def test_pairing_cancels_what_makes_questions_hard() -> None:
    """The same small gain on every question is certain when paired, though the questions differ widely."""
    old = np.random.default_rng(1).random(50)
    found = difference(rows(old + 0.01), rows(old))
    assert found.low == pytest.approx(0.01)
    assert found.high == pytest.approx(0.01)


def test_chance_is_no_clear_change_and_less_latency_is_better() -> None:
    generator = np.random.default_rng(2)
    assert (
        difference(rows(generator.integers(0, 2, 60)), rows(generator.integers(0, 2, 60))).verdict
        == "unclear"
    )
    slow, fast = rows(np.full(20, 30.0), "latency_ms"), rows(np.full(20, 10.0), "latency_ms")
    assert difference(fast, slow, "latency_ms.p50").verdict == "better"
    assert difference(slow, fast, "latency_ms.p50").verdict == "worse"


def test_the_same_runs_give_the_same_interval() -> None:
    generator = np.random.default_rng(3)
    new, old = rows(generator.random(30)), rows(generator.random(30))
    assert compare(new, old, resamples=200) == compare(new, old, resamples=200)


def test_only_shared_questions_count() -> None:
    new, old = rows(np.ones(5)), [*rows(np.zeros(3)), Row("gone", True, "missed", {"recall_at_5": 0.0})]
    comparison = compare(new, old, resamples=50)
    assert (comparison.paired, comparison.only_old, comparison.only_new) == (3, 1, 2)
    with pytest.raises(UsageError, match="share no question ids"):
        compare(new, [old[-1]])


def test_the_json_of_a_run_can_be_compared_with(tmp_path: Path) -> None:
    questions = [
        Question("a", "warranty?", evidence=(Evidence("warranty.md"),)),
        Question("b", "moon?", False),
    ]
    result = evaluate(questions, WordSearcher())
    path = tmp_path / "old.json"
    path.write_text(json.dumps(result.as_json()))
    comparison = compare(result.rows, load_rows(path), resamples=50)
    assert comparison.paired == 2
    recall = comparison.as_json()["differences"]
    assert isinstance(recall, dict)
    assert recall["retrieval.recall_at_5"]["change"] == 0


@pytest.mark.parametrize(
    "content", ["not json", "[]", '{"questions": 3}', '{"results": [{"id": "x"}]}', "[" * 100_000]
)
def test_a_file_that_is_no_run_is_named(tmp_path: Path, content: str) -> None:
    path = tmp_path / "old.json"
    path.write_text(content)
    with pytest.raises(UsageError, match=r"old\.json"):
        load_rows(path)


def test_numbers_that_no_run_writes_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "old.json"
    row = {
        "id": "x",
        "answerable": True,
        "verdict": "found",
        "recall_at_1": 10**400,
        "recall_at_5": float("nan"),
    }
    path.write_text(json.dumps({"results": [{**row, "mrr_at_10": 0.5}]}))
    assert [old.measures for old in load_rows(path)] == [{"mrr_at_10": 0.5}]
