"""What of a question stands nowhere is told in the person's own words, and only where that is sure."""

import pytest

from ragchat.answering.question.follow_up import FollowUp
from ragchat.answering.question.question import Question
from ragchat.answering.refusing.missing import missing_in
from ragchat.language.analysis import analyze
from ragchat.retrieval.scoring.rarity import Rarity

TEXTS = ("The pump BP-200 talks Bluetooth Low Energy.", "It was tested for 6 hours in 2024 by Anna Berg.")
HEARD = {term: 2.0 for text in TEXTS for term in analyze(text)}
UNHEARD = 5.0


def missing(question: str) -> tuple[str, ...]:
    asked = analyze(question)
    idf = {term: HEARD.get(term, UNHEARD) for term in asked}
    return missing_in(Question(question, FollowUp(question), "en"), Rarity(idf, 2.0, UNHEARD), TEXTS)


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("does the pump support Bluetooth 6?", ("Bluetooth 6",)),
        ("does the pump support bluetooth 6", ("bluetooth 6",)),
        ("is the BP-300 out?", ("BP-300",)),
        ("what happened in 2019?", ("2019",)),
        ("who is Karl Otto?", ("Karl Otto",)),
        ("was it tested for 6 hours", ()),
        ("was it tested in 2024?", ()),
        ("who is Anna Berg?", ()),
    ],
)
def test_a_name_or_figure_that_stands_nowhere_is_named(question: str, told: tuple[str, ...]) -> None:
    named = missing(question)
    assert named[: len(told)] == told
    assert not any(word.lower() in " ".join(TEXTS).lower() for word in named)
