"""Words of a question that a text holds: exact, related, misspelt."""

import pytest

from ragchat.answering.grounding.overlap import terms
from ragchat.answering.question.wording import KIN, Wording, one_slip, share, together


def idf(term: str) -> float:
    """Every word of the corpus is as rare as the next; words that it does not hold are the rarest."""
    return 1.0 if term in CORPUS else 3.0


CORPUS = terms(
    "The council of Maastricht resolved to expand its streams, harbours and benches in 1992."
    " Africa, expansion, resolution."
)


def held(question: str, text: str) -> dict[str, float]:
    found = terms(text)
    return dict(Wording.of(terms(question), found, idf).held(found))


def test_a_word_of_the_text_counts_in_full() -> None:
    assert held("harbours", "The harbour is closed.") == {"harbour": 1.0}


@pytest.mark.parametrize(
    ("asked", "said"), [("expansion", "expand"), ("resolution", "resolved"), ("Africa", "African ports")]
)
def test_a_relative_counts_for_less_than_the_word(asked: str, said: str) -> None:
    assert list(held(asked, said).values()) == [KIN]


@pytest.mark.parametrize(
    ("asked", "said"), [("internal", "interest"), ("war", "Warsaw"), ("port", "portrait")]
)
def test_words_that_only_begin_alike_are_not_related(asked: str, said: str) -> None:
    assert held(asked, said) == {}


@pytest.mark.parametrize(
    ("asked", "meant"), [("Maastrich", "Maastricht"), ("counicl", "council"), ("harbuor", "harbour")]
)
def test_a_misspelt_word_is_met_by_the_word_it_means(asked: str, meant: str) -> None:
    assert list(held(asked, meant).values()) == [1.0]


def test_a_word_of_the_corpus_is_never_a_misspelling() -> None:
    question, text = frozenset({"stream"}), frozenset({"steam"})
    assert Wording.of(question, text, idf).held(text) == {}


@pytest.mark.parametrize(("asked", "said"), [("1993", "1992"), ("beach", "bench"), ("e020000", "e020001")])
def test_figures_identifiers_and_short_words_have_no_second_spelling(asked: str, said: str) -> None:
    assert held(asked, said) == {}


def test_a_part_of_the_passage_holds_only_what_stands_in_it() -> None:
    passage = terms("The council expanded. The harbours closed.")
    wording = Wording.of(terms("council expansion harbours"), passage, idf)
    first, second = wording.held(terms("The council expanded.")), wording.held(terms("The harbours closed."))
    assert set(first) == {"council", *terms("expansion")}
    assert set(second) == {"harbour"}
    assert together(first, second) == wording.held(passage)


def test_shares_are_weighed_by_rarity() -> None:
    question = frozenset({"council", "zeppelin"})
    assert share(question, {"council": 1.0}, idf) == pytest.approx(1 / 4)
    assert share(question, {"zeppelin": 1.0}, idf) == pytest.approx(3 / 4)
    assert share([], {}, idf) == 0.0


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [
        ("ab", "ab", True),
        ("abcd", "abd", True),
        ("abcd", "abxd", True),
        ("abcd", "acbd", True),
        ("abcd", "badc", False),
    ],
)
def test_one_slip_is_a_letter_more_less_different_or_two_swapped(one: str, other: str, near: bool) -> None:
    assert one_slip(one, other) is near
    assert one_slip(other, one) is near
