"""Requirements are read strictly, and a failure says which figure and by how much."""

import pytest

from ragchat.errors import UsageError
from ragchat.evaluation.gating.require import failures, parse_requirements


def test_names_may_be_bare_or_dotted_and_several_may_stand_together() -> None:
    parsed = parse_requirements(["recall_at_5 >= 0.9, latency_ms.p50<30", "verified>.8"])
    assert [str(requirement) for requirement in parsed] == [
        "retrieval.recall_at_5>=0.9",
        "latency_ms.p50<30",
        "citations.verified>0.8",
    ]
    assert [requirement.needs_answers for requirement in parsed] == [False, False, True]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("recall_at_7>=0.9", "no figure named 'recall_at_7'"),
        ("recall_at_5=0.9", "Cannot read the requirement"),
        ("recall_at_5>=high", "'high' in the requirement"),
        ("recall_at_5>=nan", "NaN"),
        ("retrieval>=1", "no figure named 'retrieval'"),
        (">=1", "Cannot read the requirement"),
    ],
)
def test_what_cannot_be_read_is_an_error_that_helps(text: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_requirements([text])
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("requirement", "value", "holds"),
    [
        ("recall_at_5>=0.9", 0.9, True),
        ("recall_at_5>0.9", 0.9, False),
        ("false_refusals<=0.05", 0.05, True),
        ("false_refusals<0.05", 0.05, False),
        ("questions==3", 3.0, True),
        ("recall_at_5>=0", None, False),
    ],
)
def test_what_holds(requirement: str, value: float | None, holds: bool) -> None:
    parsed = parse_requirements([requirement])
    assert (not failures(parsed, {parsed[0].figure: value})) is holds


def test_a_failure_names_the_figure_its_value_and_the_gap() -> None:
    parsed = parse_requirements(["recall_at_5>=0.9", "contained>=0.5"])
    failed = failures(parsed, {"retrieval.recall_at_5": 0.875, "answers.contained": None})
    assert [str(failure) for failure in failed] == [
        "retrieval.recall_at_5>=0.9: it is 0.875, off by 0.025",
        "answers.contained>=0.5: nothing to measure in these questions",
    ]
