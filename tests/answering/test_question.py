"""A question taken apart: the kind of thing asked for, function words of other languages, what it leans on."""

import pytest

from ragchat.answering.question.kinds import QuestionKind, kinds_of
from ragchat.answering.question.tongues import without_function_words


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("When was the pier built?", "time"),
        ("How many berths are there?", "amount"),
        ("How much does a berth cost?", "price"),
        ("What was the cause of the fire?", "reason"),
        ("How do I rig the mast?", "howto"),
        ("What is a berth?", "definition"),
        ("who do i call when it leaks", "person"),
        ("is there a fee", "yesno"),
        ("error E02 on the display", "trouble"),
    ],
)
def test_the_kind_of_thing_asked_for_is_told(question: str, kind: QuestionKind) -> None:
    assert kind in kinds_of(question, "en")


@pytest.mark.parametrize(
    ("question", "left"),
    [
        ("Wie lange habe ich Garantie auf den Motor?", ["Garantie", "Motor"]),
        ("Quelle est la durée de la garantie?", ["durée", "garantie"]),
        ("¿Cuánto cuesta el amarre?", ["cuesta", "amarre"]),
    ],
)
def test_function_words_of_other_languages_are_no_topic(question: str, left: list[str]) -> None:
    words = without_function_words(question).strip("¿?").split()
    assert [word.strip("?") for word in words if word.strip("?")] == left


@pytest.mark.parametrize(
    "question",
    ["When did the war in the east begin?", "Who met whom in De Panne?", "What does die casting cost?"],
)
def test_english_questions_stay_as_they_are(question: str) -> None:
    assert without_function_words(question) == question
