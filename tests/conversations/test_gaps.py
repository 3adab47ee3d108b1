"""Grouping of unanswered questions."""

from datetime import UTC, datetime, timedelta

from ragchat.conversations import Unanswered
from ragchat.conversations.gaps import group

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def asked(question: str, why: str = "no_match", minutes: int = 0, comment: str = "") -> Unanswered:
    return Unanswered("m", "c", question, why, comment, NOON + timedelta(minutes=minutes))


def test_the_same_question_in_other_words_is_one_gap_with_its_latest_wording() -> None:
    gaps = group(
        [
            asked("Do you ship to Iceland?", minutes=1),
            asked("shipping to ICELAND", minutes=5, why="low_support"),
            asked("ship iceland", minutes=3, comment="we sell there!"),
            asked("Is there a student discount?"),
        ]
    )
    assert [(gap.question, gap.times) for gap in gaps] == [
        ("shipping to ICELAND", 3),
        ("Is there a student discount?", 1),
    ]
    assert gaps[0].reasons == ("no_match", "low_support")
    assert gaps[0].comments == ("we sell there!",)


def test_questions_without_any_term_are_told_apart_by_their_words() -> None:
    assert len(group([asked("Why?"), asked("why? "), asked("What is it?")])) == 2


def test_questions_are_grouped_by_the_words_of_their_own_language() -> None:
    gaps = group(
        [
            asked("Wie viele Urlaubstage habe ich?", minutes=1),
            asked("habe ich viele Urlaubstagen?", minutes=2),
            asked("Combien de congés payés avons-nous ?", minutes=3),
            asked("combien de congé payé avons-nous", minutes=4),
        ]
    )
    assert [(gap.question, gap.times) for gap in gaps] == [
        ("combien de congé payé avons-nous", 2),
        ("habe ich viele Urlaubstagen?", 2),
    ]


def test_fragments_are_taken_for_the_collections_language() -> None:
    fragments = [asked("Urlaubstage"), asked("Urlaubstagen")]
    assert len(group(fragments, "de")) == 1
    assert len(group(fragments, "en")) == 2
