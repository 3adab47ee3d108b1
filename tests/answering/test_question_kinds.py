"""What a question asks for, in each language; and whether it leans on what was said."""

import pytest

from ragchat.answering.question.asked import asked
from ragchat.answering.question.follow_up import needs_history
from ragchat.answering.question.kinds import QuestionKind, kinds_of
from ragchat.answering.question.tongues import without_function_words
from ragchat.answering.request import Turn

BEFORE = [Turn("user", "How strong is the bilge pump BP-200?"), Turn("assistant", "40 litres a minute.")]


@pytest.mark.parametrize(
    ("language", "question", "kind"),
    [
        ("en", "Who approves travel?", "person"),
        ("de", "Wer genehmigt Reisen?", "person"),
        ("de", "Bis wann muss ich das abgeben?", "time"),
        ("de", "Wie setze ich mein Passwort zurück?", "howto"),
        ("fr", "Pourquoi mon capteur bipe ?", "reason"),
        ("fr", "C'est quoi un congé sabbatique ?", "definition"),
        ("es", "¿Cuánto cuesta el envío?", "price"),
        ("it", "Quanti giorni di ferie ho?", "amount"),
        ("nl", "Wat is het verschil tussen pro en basic?", "compare"),
        ("pt", "Onde encontro a minha fatura?", "place"),
    ],
)
def test_what_is_asked_for_is_told_in_every_language(
    language: str, question: str, kind: QuestionKind
) -> None:
    assert kind in kinds_of(question, language)


@pytest.mark.parametrize(
    ("question", "leans"),
    [
        ("Und wie lange haben wir dann noch Garantie auf die Pumpe?", True),
        ("Wie lange haben wir eigentlich noch Garantie darauf bekommen?", True),
        ("Wie lange haben wir noch Garantie auf die neue Lenzpumpe?", False),
        ("Et combien de temps dure encore la garantie de la pompe ?", True),
        ("Combien de temps dure la garantie de la pompe de cale ?", False),
        ("How long do we still have a warranty on the new bilge pump?", False),
    ],
)
def test_a_follow_up_is_told_by_the_words_of_its_language(question: str, leans: bool) -> None:
    assert needs_history(question, BEFORE) is leans


def test_words_that_only_ask_are_no_topic() -> None:
    assert asked("Wie lange habe ich Garantie?", "de").topic == {"garanti"}
    assert asked("How long is the warranty?", "en").topic == {"warranti"}


@pytest.mark.parametrize(
    "question", ["What wasn't Marin's order?", "Does J&J carry it?", "How would one write T(n) in big O?"]
)
def test_single_letters_make_no_question_french(question: str) -> None:
    assert without_function_words(question) == question
