"""Questions and their answers, the turns of a talk and fields are told by their words, where that is sure."""

import pytest

from ingest.extract.markdown.blocks import markdown_blocks
from ragchat.documents.blocks import check_blocks
from tests.support.outlines import outline


def built(text: str) -> list[str]:
    blocks = markdown_blocks(text, "loose")
    check_blocks(blocks, text)
    return outline(blocks, text)


def test_an_answer_is_led_by_its_question() -> None:
    text = "Q: How do I pay?\nA: By card.\n\nQ2: And cash?\n\nA2: Only at:\n\n- desk one\n- desk two\n\nGood luck."
    assert built(text) == [
        "question: Q: How do I pay?",
        "answer: A: By card. <- Q: How do I pay?",
        "question: Q2: And cash?",
        "answer <- Q2: And cash?",
        "  paragraph: A2: Only at:",
        "  list <- A2: Only at:",
        "    item: - desk one",
        "    item: - desk two",
        "paragraph: Good luck.",
    ]


@pytest.mark.parametrize(
    ("asks", "answers"),
    [
        ("Customer", "Support"),
        ("Kunde", "Support"),
        ("**User**", "**Assistant**"),
        ("[10:04] Client", "[10:05] Help desk"),
    ],
)
def test_turns_of_a_ticket_are_questions_and_answers(asks: str, answers: str) -> None:
    text = f"{asks}: It shows E17.\nWhat now?\n\n{answers}: Replace the contact.\n\n{asks}: That helped.\n"
    assert built(text) == [
        f"question: {asks}: It shows E17.",
        f"answer: {answers}: Replace the contact. <- {asks}: It shows E17.",
        f"answer: {asks}: That helped. <- {asks}: It shows E17.",
    ]


def test_two_names_that_take_turns_talk_to_each_other() -> None:
    text = "Anna: Where is the key?\nTom: In the box.\nAnna: Which box?\nTom: The red one."
    assert [line.split(":")[0] for line in built(text)] == ["question", "answer", "question", "answer"]


def test_records_with_the_same_fields_are_no_talk() -> None:
    text = "Name: Ann\nRoom: 4\nName: Tom\nRoom: 5"
    assert [line.split(":")[0] for line in built(text)] == ["pair"] * 4


def test_a_question_in_bold_is_answered_by_what_follows() -> None:
    text = "Intro.\n\n**Can I pay later?**\n\nYes.\n\n- by card\n\n**Who pays?**\n\nYou do.\n\nThe end."
    assert built(text) == [
        "paragraph: Intro.",
        "question: **Can I pay later?**",
        "answer <- **Can I pay later?**",
        "  paragraph: Yes.",
        "  list <- Yes.",
        "    item: - by card",
        "question: **Who pays?**",
        "answer: You do. <- **Who pays?**",
        "paragraph: The end.",
    ]


def test_an_answer_ends_at_the_next_heading() -> None:
    text = "**Who pays?**\n\nYou do.\n\n# Next\n\nText."
    assert built(text)[-2:] == ["heading: # Next", "paragraph: Text."]


def test_fields_below_each_other_are_pairs() -> None:
    assert built("Owner: Facility desk\n**Valid until**: 4 May\nNotes: long and\n  wrapped here") == [
        "pair: Owner: Facility desk",
        "pair: **Valid until**: 4 May",
        "pair: Notes: long and",
    ]
    assert built("Owner: Facility desk\n\nRoom: 4") == ["pair: Owner: Facility desk", "pair: Room: 4"]


@pytest.mark.parametrize(
    "text",
    [
        "Note: the door stays shut.",
        "A: the first letter. It has no question.",
        "There are two ways, as said: one is short and the\nother one is long: nobody takes it, see: here.",
        "We met at 10:30.\nWe left at 11:45.",
        "**Can it be?**",
    ],
)
def test_what_is_not_sure_stays_a_paragraph(text: str) -> None:
    assert [line.split(":")[0] for line in built(text)] == ["paragraph"]
