"""Which sentences are quoted, and with what they cannot be understood without."""

import pytest

from ragchat.answering.quoting.extractive import MOST_SENTENCES, MOST_WORDS, candidates, chosen_among, extracts
from ragchat.answering.refusing.refusal import is_aggregate
from ragchat.retrieval.search import Retriever, SearchOptions


def quoted(retriever: Retriever, question: str) -> list[str]:
    passages = retriever.search(question, SearchOptions())
    found = candidates(question, passages, retriever.generation)
    return [extract.text for extract in extracts(found, passages, retriever.generation)]


def test_a_table_row_comes_with_its_header(retriever: Retriever) -> None:
    text = "\n".join(quoted(retriever, "What does the plan Ketch cost per month?"))
    assert "| Plan  | Price per month | Users |" in text
    assert "| Ketch | 49              | 25    |" in text


def test_a_list_item_comes_with_its_lead_in(retriever: Retriever) -> None:
    text = "\n".join(quoted(retriever, "Within how many minutes do I follow the link to reset a password?"))
    assert "To reset a password:" in text
    assert "- Follow the link in the mail within 30 minutes." in text


def test_a_sentence_that_points_back_comes_with_the_one_before(retriever: Retriever) -> None:
    text = " ".join(quoted(retriever, "When does the lock of an account end?"))
    assert "locks an account after five wrong passwords. This lock ends after 15 minutes." in text


def test_hard_wrapped_prose_reads_on_one_line(retriever: Retriever) -> None:
    pieces = quoted(retriever, "Until when may leave days be carried over?")
    assert any("until 31 March" in piece for piece in pieces)


def test_the_answer_is_short_and_in_reading_order(retriever: Retriever) -> None:
    question = "What is known about leave?"
    passages = retriever.search(question, SearchOptions())
    found = candidates(question, passages, retriever.generation)
    chosen = chosen_among(found)
    assert 1 <= len(chosen) <= MOST_SENTENCES
    assert sum(len(one.text.split()) for one in chosen[1:]) <= MOST_WORDS
    pieces = extracts(found, passages, retriever.generation)
    assert [(one.n, one.span) for one in pieces] == sorted((one.n, one.span) for one in pieces)


def test_the_sentence_that_names_what_is_asked_for_comes_first(retriever: Retriever) -> None:
    question = "When was restoring a backup tested?"
    passages = retriever.search(question, SearchOptions())
    assert "14 May 2024" in candidates(question, passages, retriever.generation)[0].text


@pytest.mark.parametrize(
    ("question", "aggregate"),
    [
        ("How many documents are there?", True),
        ("List all customers", True),
        ("Give me a complete list of the error codes", True),
        ("How many days of leave do I have?", False),
        ("Which plan allows all features?", False),
    ],
)
def test_only_counts_over_the_collection_are_aggregate(question: str, aggregate: bool) -> None:
    assert is_aggregate(question) is aggregate


def test_a_question_about_a_small_table_gets_all_of_it(retriever: Retriever) -> None:
    text = "\n".join(quoted(retriever, "Plan, price per month and users"))
    assert text.count("| Plan  | Price per month | Users |") == 1
    assert all(name in text for name in ("Skiff", "Ketch", "Brig"))
