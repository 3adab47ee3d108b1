"""What may be quoted alone, and what a text must hold to be about the thing asked for."""

import pytest

from ragchat.answering.question.asked import asked, of_another, other_year
from ragchat.answering.refusing.refusal import is_aggregate
from ragchat.answering.quoting.units import quotable


@pytest.mark.parametrize(
    "unit",
    [
        "# Warranty",
        "7.3 Battery",
        "T3",
        "**The cause.**",
        "| Time | Event |\n| --- | --- |",
        "How do I reset the gateway?",
        "*Why does my sensor stay silent?*",
        "---",
        "- [Sheet](../manuals/battery-transport-sheet.pdf)",
        "Page 4 of the user manual",
        "© 2026 Harbour Tools and its partners",
    ],
)
def test_labels_headers_questions_and_furniture_are_not_quoted_alone(unit: str) -> None:
    assert not quotable(unit)


@pytest.mark.parametrize(
    "unit",
    [
        "The warranty is 24 months.",
        "**The cause.** A deploy at 08:12 filled the queue.",
        "| 10:30 | Incident closed |",
        "- Close the lid.",
        "code: E02; meaning: Probe short circuit",
        "東京は日本の首都であり大きい。",
        "| Time | Event |\n| --- | --- |\n| 10:30 | Closed |",
    ],
)
def test_what_says_something_is_quoted(unit: str) -> None:
    assert quotable(unit)


def test_a_heading_without_marks_is_known_by_the_outline() -> None:
    assert not quotable("11 Warranty of the three devices", ["Manual", "11 Warranty of the three devices"])


@pytest.mark.parametrize(
    ("layers", "another"),
    [
        (["| E03 | out of range |"], True),
        (["| E02 | short circuit |"], False),
        (["E02 and E03 are faults."], False),
        (["No code is shown."], False),
        (["The probe is broken.", "Error E03"], True),
        (["E02 is a fault.", "Error E03"], False),
        (["The T3 shows a ring."], False),
    ],
)
def test_the_nearest_identifier_of_the_family_decides(layers: list[str], another: bool) -> None:
    assert of_another(asked("What does E02 mean?"), layers) is another


def test_text_under_another_year_is_told_apart() -> None:
    question = asked("What may a hotel cost in 2026?")
    assert other_year(question, "A hotel may cost 140 euro.", "Travel expenses 2025")
    assert not other_year(question, "From 2026 on it is 150 euro.", "Travel expenses 2025")
    assert not other_year(question, "A hotel may cost 140 euro.", "Travel expenses")


def test_the_form_of_a_question_is_not_its_topic() -> None:
    assert asked("How many vacation days do employees get?").topic == asked("vacation days employees").topic


def test_an_unknown_kind_of_something_known_is_recognised() -> None:
    def idf(term: str) -> float:
        return 1.0 if term in {"roost", "plan", "price", "e02", "02"} else 7.0

    assert asked("What is the price of the Roost Pro plan?").unknown(idf)
    assert asked("What does E09 mean?").unknown(idf)
    assert not asked("What is the price of the Roost plan?").unknown(idf)
    assert not asked("What does E02 mean?").unknown(idf)


@pytest.mark.parametrize(
    ("question", "aggregate"),
    [
        ("How many vacation days do employees get?", False),
        ("How many batteries does a T3 need?", False),
        ("How many tickets were opened in August 2025?", False),
        ("How many tickets mention the gateway?", True),
        ("How many documents do you have?", True),
    ],
)
def test_an_amount_is_no_count_of_the_collection(question: str, aggregate: bool) -> None:
    assert is_aggregate(question) is aggregate
