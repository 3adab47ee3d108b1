"""Small talk in each language, and courtesy taken off around a question."""

import pytest

from ragchat.answering.question.smalltalk import reply_to, without_courtesy


@pytest.mark.parametrize(
    ("message", "reply"),
    [
        ("Hi there!", "Hello!"),
        ("Guten Morgen", "Hallo! Fragen"),
        ("Vielen Dank!", "Gern geschehen"),
        ("merci beaucoup", "Avec plaisir"),
        ("¡Hola!", "¡Hola!"),
        ("grazie mille", "Prego"),
        ("dank je wel", "Graag gedaan"),
        ("obrigado", "De nada"),
        ("Was kannst du?", "Ich beantworte"),
    ],
)
def test_small_talk_is_replied_to_in_its_language(message: str, reply: str) -> None:
    assert (reply_to(message) or "").startswith(reply)


def test_what_is_small_talk_in_several_languages_is_the_collections() -> None:
    assert (reply_to("Hallo", "nl") or "").startswith("Hallo! Vraag")
    assert (reply_to("Hallo", "en") or "").startswith("Hello!")


@pytest.mark.parametrize(
    "message", ["Wie lange habe ich Garantie?", "Danke, und wie lange?", "hola garantía"]
)
def test_a_question_is_no_small_talk(message: str) -> None:
    assert reply_to(message) is None


@pytest.mark.parametrize(
    ("message", "question"),
    [
        ("Hallo zusammen, wie lange habe ich Garantie? Vielen Dank!", "wie lange habe ich Garantie?"),
        ("Bonjour, où est ma facture ? Merci d'avance", "où est ma facture ?"),
        ("Hola, ¿dónde está mi factura? Gracias.", "¿dónde está mi factura?"),
        ("Is it okay, please, to carry leave over?", "Is it okay, please, to carry leave over?"),
    ],
)
def test_courtesy_is_taken_off_in_every_language(message: str, question: str) -> None:
    assert without_courtesy(message) == question
