"""What a text must hold to be about the thing asked for."""

import pytest

from ragchat.answering.question.asked import asked, of_another, other_year
from ragchat.retrieval.scoring.rarity import Rarity


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
    words = {
        "roost": 1.0,
        "plan": 1.0,
        "price": 1.0,
        "e02": 1.0,
        "02": 1.0,
        "pro": 7.0,
        "e09": 7.0,
        "09": 7.0,
        "\0": 7.0,
    }
    rarity = Rarity(words, 2.0, 7.0)
    assert asked("What is the price of the Roost Pro plan?").unknown(rarity)
    assert asked("What does E09 mean?").unknown(rarity)
    assert not asked("What is the price of the Roost plan?").unknown(rarity)
    assert not asked("What does E02 mean?").unknown(rarity)
