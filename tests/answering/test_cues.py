"""What kind of thing a question asks for, and which sentences name one."""

import pytest

from ragchat.answering.question.cues import cue
from ragchat.answering.question.tongues import without_function_words
from ragchat.answering.quoting.units import is_byline, speaker


@pytest.mark.parametrize(
    ("question", "names", "lacks"),
    [
        ("When was the pier built?", "It was built in 1987.", "It was built of oak."),
        ("How many berths are there?", "There are forty berths.", "The berths are narrow."),
        ("How much does a berth cost?", "A berth is EUR 12 a night.", "A berth is 12 metres long."),
        ("What is the monthly fee?", "list_price_eur: 79.00", "The fee is due on the 3rd."),
        (
            "What was the cause of the fire?",
            "The fire broke out because of a fuse.",
            "The fire lasted an hour.",
        ),
        ("How do I rig the mast?", "1. Lay the mast on the trestles.", "The mast is 9 metres long."),
        ("What is a berth?", "A berth is a place for one boat.", "Every berth has a number."),
    ],
)
def test_a_sentence_that_names_what_is_asked_for_is_preferred(question: str, names: str, lacks: str) -> None:
    assert cue(question, names) > cue(question, lacks)


@pytest.mark.parametrize("question", ["Which colour has the buoy?", "Tell me about the buoy"])
def test_other_questions_have_no_cue(question: str) -> None:
    assert cue(question, "The buoy was painted red in 1987.") == 0.0


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


def test_speakers_are_told_from_other_colons() -> None:
    assert speaker("Customer: It beeps.") == "asker"
    assert speaker("**Support:** Clean it.") == "other"
    assert speaker("It beeps at 12:30.") is None


def test_a_line_about_the_document_is_told_from_emphasis() -> None:
    assert is_byline("*Version 2 · May 2026 · A. Writer*")
    assert not is_byline("*Never* lift the keel · *always* ask first")
