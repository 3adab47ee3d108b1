"""Two quotes are taken where the second may hold what the first does not, and both are short."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest
from asking import ask, end
from hypothesis import given
from hypothesis import strategies as st

from ragchat.answering.answer import Answerer
from ragchat.answering.question.question import understood
from ragchat.answering.quoting.candidates import Candidate, candidates_of, side_by_side
from ragchat.answering.quoting.choosing import by_grade
from ragchat.answering.quoting.together import SECOND_COSTS, Pick, picked
from ragchat.answering.quoting.widening import MOST_WORDS
from ragchat.answering.sources import found_of
from ragchat.corpus.first_stage import Scores
from ragchat.retrieval.search import Retriever, SearchOptions


@dataclass(frozen=True)
class AtMost:
    """So many words are wanted, and no more."""

    words: int

    def __call__(self, counts: Sequence[int]) -> Scores:
        return np.array([1.0 if count <= self.words else 0.1 for count in counts])


TEXTS = ["Leave is 28 days.", "It is asked for in the app.", "The team lead approves it."]


def pick(holds: Sequence[float], counts: Sequence[int], limit: int = 100) -> Pick:
    return picked(np.array(holds), counts, TEXTS[: len(holds)], AtMost(limit))


def test_a_sure_one_is_said_alone() -> None:
    assert pick([0.95, 0.3, 0.2], [30, 30, 30]) == Pick(0, None, pytest.approx(0.95))


def test_two_doubtful_ones_are_said_together_the_likelier_first() -> None:
    chosen = pick([0.4, 0.1, 0.5], [30, 30, 30])
    assert (chosen.first, chosen.second) == (2, 0)
    assert chosen.worth == pytest.approx(SECOND_COSTS * (1 - 0.6 * 0.5))


def test_two_that_are_too_long_together_are_not() -> None:
    assert pick([0.5, 0.4], [60, 60], limit=100).second is None
    assert pick([0.5, 0.4], [80, 80], limit=1000).second is None, MOST_WORDS


def test_what_says_the_same_is_said_once() -> None:
    texts = ["Leave is 28 days a year.", "Leave is 28 days a year. Ask the team lead."]
    assert picked(np.array([0.5, 0.4]), [6, 10], texts, AtMost(100)).second is None


candidates = st.lists(
    st.tuples(st.floats(0.01, 0.99), st.integers(1, 200), st.text("abc ", min_size=1, max_size=9)),
    min_size=1,
    max_size=20,
)


@given(candidates, st.integers(1, 250))
def test_nothing_alone_is_worth_more_than_what_is_picked(
    made: list[tuple[float, int, str]], limit: int
) -> None:
    holds, counts, texts = (
        np.array([one[0] for one in made]),
        [one[1] for one in made],
        [one[2] for one in made],
    )
    chosen = picked(holds, counts, texts, AtMost(limit))
    alone = holds * AtMost(limit)(counts)
    assert chosen.worth >= alone.max()
    assert chosen.second is not None or chosen.worth == alone[chosen.first] == alone.max()
    if chosen.second is not None:
        assert chosen.first != chosen.second
        assert counts[chosen.first] + counts[chosen.second] <= MOST_WORDS
        assert holds[chosen.first] >= holds[chosen.second]


def found(retriever: Retriever, message: str) -> list[Candidate]:
    question = understood(message, (), retriever.snapshot)
    return candidates_of(by_grade(found_of(question, retriever, SearchOptions()).retrieval.units))


def holding(made: Sequence[Candidate], words: str, form: str = "whole") -> Candidate:
    return next(one for one in made if words in one.text and one.form == form)


def test_two_rows_of_a_table_come_under_one_header(retriever: Retriever) -> None:
    made = found(retriever, "What do Skiff and Brig cost?")
    both = side_by_side(holding(made, "| Brig "), holding(made, "| Skiff "))
    assert both.text.count("| Plan ") == 1
    assert both.text.index("| Skiff") < both.text.index("| Brig")


def test_what_follows_at_once_is_one_piece(retriever: Retriever) -> None:
    made = found(retriever, "How is a password reset and when is an account locked?")
    steps, after = holding(made, "Enter the address"), holding(made, "locks an account")
    both = side_by_side(after, steps)
    assert len(both.pieces) == 1 + (steps.pieces[0].text != steps.text)
    assert both.text.index("Enter the address") < both.text.index("locks an account")


def test_of_two_documents_the_likelier_one_comes_first(retriever: Retriever) -> None:
    made = found(retriever, "How long is the warranty of the pump, and how long is parental leave?")
    pump, leave = holding(made, "24 months"), holding(made, "36 months")
    assert side_by_side(pump, leave).text.startswith(pump.text)
    assert side_by_side(leave, pump).text.startswith(leave.text)
    assert "Annual leave" in side_by_side(pump, leave).reading


async def test_each_of_two_is_cited(retriever: Retriever) -> None:
    done = end(
        await ask(
            Answerer(retriever=retriever),
            "How long is the pump's warranty, and how long does parental leave last?",
        )
    )
    assert done.finish == "answered"
    cited = {citation.document.title: citation.quote for citation in done.citations}
    assert "24 months" in cited["Bilge pump BP-200"]
    assert "36 months" in cited["Annual leave"]
