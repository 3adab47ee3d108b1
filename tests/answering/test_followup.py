"""Follow-ups that stand alone, and what is added to those that do not."""

from pathlib import Path

import pytest

from ragchat.answering.question.follow_up import ADDED, ALONG, follow_up, needs_history
from ragchat.answering.request import Turn

HISTORY = [
    Turn("user", "How strong is the bilge pump BP-200?"),
    Turn("assistant", "It moves 40 litres a minute."),
]


@pytest.mark.parametrize(
    "question", ["How long is its warranty?", "And in Berlin?", "Why?", "What about the price?"]
)
def test_a_question_that_points_back_gets_words_of_the_last_turns(question: str) -> None:
    assert needs_history(question, HISTORY)
    query = follow_up(question, HISTORY).wording
    assert query.startswith(question)
    assert len(query.split()) <= len(question.split()) + ADDED
    assert {"bilge", "pump", "BP-200", "strong"} & set(query.split())


@pytest.mark.parametrize(
    "question", ["How long are backups kept in Rostock?", "Who leads the operations team at night?"]
)
def test_a_question_that_stands_alone_is_left_as_it_is(question: str) -> None:
    assert follow_up(question, HISTORY).wording == question


def test_a_first_question_always_stands_alone() -> None:
    assert follow_up("And what about it?", []).wording == "And what about it?"


def test_words_that_are_rare_in_the_corpus_come_first() -> None:
    query = follow_up("How long is it?", HISTORY, lambda term: 9.0 if term == "bilg" else 0.1).wording
    assert "bilge" in query.split()


def test_the_words_of_a_refusal_are_never_added() -> None:
    history = [*HISTORY, Turn("user", "And its colour?"), Turn("assistant", "Zanzibar quux.", refused=True)]
    asked = follow_up("And its weight?", history, lambda term: 9.0 if term == "zanzibar" else 1.0)
    assert "Zanzibar" not in asked.wording


def test_long_histories_cost_little(tmp_path: Path) -> None:
    history = [Turn("user", "word " * 50_000)] * 50
    assert follow_up("And this?", history).wording


def test_what_is_searched_along_is_more_than_what_is_written_into_the_question() -> None:
    history = [Turn("user", "Which plans of the harbour tools shop can be cancelled every month?")]
    asked = follow_up("And how?", history)
    assert asked.question == "And how?"
    assert len(asked.telling) == ALONG
    assert asked.wording.split()[2:] == list(asked.telling[:ADDED])
    assert asked.context.split()[:ADDED] == asked.wording.split()[2:]


def test_a_question_that_stands_alone_is_searched_without_context() -> None:
    assert follow_up("How long are backups kept in Rostock?", HISTORY).context == ""


def test_the_users_recent_words_come_first_ours_last() -> None:
    history = [Turn("user", "mango"), Turn("assistant", "papaya"), Turn("user", "guava")]
    assert follow_up("Why?", history).telling == ("guava", "mango", "papaya")


def test_words_that_only_ask_and_punctuation_are_left_out() -> None:
    history = [Turn("user", "Please explain how long the warranty lasts."), Turn("assistant", "24 months.")]
    assert set(follow_up("And its impeller?", history).telling) == {"warranty", "lasts", "months"}
