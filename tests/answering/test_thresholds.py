"""The thresholds between the outcomes: shipped, stored with a generation, and what lies on each side of them."""

import pytest
from asking import ask, end

from ragchat.answering.answer import Answerer
from ragchat.answering.refusing.thresholds import setting, shipped_settings, thresholds_of
from ragchat.retrieval.search import Retriever

KNOWN = [
    "How long are backups of the order database kept?",
    "How many days of annual leave does an employee have?",
    "What does the warranty of the bilge pump cover?",
    "Who leads the operations team?",
    "What may a hotel cost a night?",
]
UNRELATED = [
    "How long should I boil an egg so that the yolk stays soft?",
    "Which planet has the most moons?",
    "Who painted the ceiling of the Sistine Chapel?",
    "How many players are in a volleyball team?",
    "Why do cats purr?",
    "Who wrote the novel Moby Dick?",
    "What causes a rainbow?",
    "How many strings does a ukulele have?",
]


@pytest.mark.parametrize("question", KNOWN)
async def test_what_the_documents_hold_is_answered(retriever: Retriever, question: str) -> None:
    assert end(await ask(Answerer(retriever=retriever), question)).finish == "answered"


@pytest.mark.parametrize("question", UNRELATED)
async def test_what_they_do_not_hold_is_not(retriever: Retriever, question: str) -> None:
    done = end(await ask(Answerer(retriever=retriever), question))
    assert done.finish == "refused"
    assert not done.citations


def test_a_generation_has_its_own_thresholds_where_it_stores_them() -> None:
    own = {setting("graded", "answered"): 0.9, setting("graded", "near"): 0.2}
    assert thresholds_of(own, "graded").answered == 0.9
    assert thresholds_of(own, "ungraded") == thresholds_of({}, "ungraded")
    assert thresholds_of(shipped_settings(), "graded") == thresholds_of({}, "graded")


def test_near_is_never_above_answered() -> None:
    found = thresholds_of({setting("graded", "answered"): 0.01}, "graded")
    assert found.near <= found.answered == 0.01
