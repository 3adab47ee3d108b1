"""The table names each section that has figures once, and counts verdicts for each kind."""

from eval_examples import WordSearcher

from ragchat.evaluation.questions import Evidence, Question
from ragchat.evaluation.reporting.compare import compare
from ragchat.evaluation.reporting.table import COMPARED_HEADINGS, HEADINGS, closing_lines, figure_rows
from ragchat.evaluation.run import evaluate

QUESTIONS = [
    Question("a", "How long is the warranty?", evidence=(Evidence("warranty.md"),), kind="lookup"),
    Question("b", "Is shipping free?", evidence=(Evidence("shipping"), Evidence("absent.md")), kind="lookup"),
    Question("c", "Who walked on the moon?", answerable=False, kind="outside"),
]


def test_rows_without_and_with_a_comparison() -> None:
    result = evaluate(QUESTIONS, WordSearcher())
    plain = figure_rows(result)
    assert ("questions", "3") in plain
    assert ("  recall_at_5", "0.750") in plain
    assert ("  span_recall", "–") in plain
    assert [row[0] for row in plain if row[0] and not row[0].startswith(" ")] == [
        *("questions", "retrieval", "latency_ms")
    ], "nobody answered, so there is nothing to say of answers"
    compared = figure_rows(result, compare(result.rows, result.rows, resamples=20))
    assert ("  recall_at_5", "0.750", "0.750", "+0.000", "[+0.000, +0.000]", "same") in compared
    assert {len(row) for row in plain} == {len(HEADINGS)}
    assert {len(row) for row in compared} == {len(COMPARED_HEADINGS)}


def test_a_compared_value_is_over_the_questions_that_both_runs_have() -> None:
    result = evaluate(QUESTIONS, WordSearcher())
    compared = figure_rows(result, compare(result.rows, result.rows[:1], resamples=20))
    assert ("  recall_at_5", "1.000", "1.000", "+0.000", "[+0.000, +0.000]", "same") in compared
    assert ("questions", "3", "", "", "", "") in compared


def test_verdicts_are_counted_in_all_and_for_each_kind() -> None:
    assert closing_lines(evaluate(QUESTIONS, WordSearcher())) == [
        "1 found, 1 partly found, 1 nothing to judge by",
        "  lookup: 1 found, 1 partly found",
        "  outside: 1 nothing to judge by",
    ]
