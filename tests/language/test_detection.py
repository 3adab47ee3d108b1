"""Which language a text or a few words are in."""

import tomllib
from pathlib import Path

import pytest

from ragchat.language.detection import language_of_question, language_of_text

QUESTIONS: dict[str, list[str]] = tomllib.loads(
    (Path(__file__).parent / "casual_questions.toml").read_text("utf-8")
)


def accuracy(default: str, first: int) -> float:
    """Of every second question, from the first or the second on."""
    told = [
        language_of_question(question, default) == language
        for language, questions in QUESTIONS.items()
        for question in questions[first::2]
    ]
    return sum(told) / len(told)


def test_there_are_twenty_questions_a_language_and_more() -> None:
    assert all(len(questions) >= 20 for questions in QUESTIONS.values())


@pytest.mark.parametrize("default", ["en", "de"])
def test_most_fragments_are_told_on_the_half_that_nothing_was_fitted_to(default: str) -> None:
    assert accuracy(default, first=1) >= 0.9


@pytest.mark.parametrize("text", ["", "  ", "1 2 3", "XR-2000", "東京都の天気は晴れです", "привет"])
def test_what_no_word_tells_is_taken_for_what_is_expected(text: str) -> None:
    assert language_of_question(text, "fr") == "fr"
    assert language_of_text(text) == ""


def test_names_do_not_make_a_sentence_foreign() -> None:
    assert language_of_question("Who met Pierre Dupont in Rue de Rivoli?", "en") == "en"


def test_a_long_text_is_told_by_samples_from_all_of_it() -> None:
    cover = "Contents 1 2 3 4 5\n" * 50
    german = "Alle Mitarbeiter haben 28 Tage Urlaub im Jahr, und was sie nicht nehmen, verfällt. " * 500
    assert language_of_text(cover + german) == "de"


def test_a_short_text_is_told_like_a_question() -> None:
    assert language_of_text("Wie lange habe ich Garantie?") == "de"
