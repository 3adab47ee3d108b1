"""The refusal threshold is fitted from the corpus alone and lies between what it knows and what it does not."""

from ragchat.answering.answer import Answerer
from ragchat.answering.calibration import FEWEST, THRESHOLD, UNRELATED, calibrate, fitted
from ragchat.answering.refusal import threshold_of
from ragchat.retrieval.search import Retriever

KNOWN = [
    "How long are backups of the order database kept?",
    "How many days of annual leave does an employee have?",
    "What does the warranty of the bilge pump cover?",
    "Who leads the operations team?",
    "What may a hotel cost a night?",
]


def test_the_threshold_parts_known_from_unrelated_questions(retriever: Retriever) -> None:
    threshold = calibrate(retriever.generation, retriever.embedder)[THRESHOLD]
    answerer = Answerer(retriever=retriever)
    assert all(answerer.support(question) > threshold for question in KNOWN)
    assert sum(answerer.support(question) > threshold for question in UNRELATED) <= 2


def test_it_is_deterministic(retriever: Retriever) -> None:
    assert calibrate(retriever.generation, retriever.embedder) == calibrate(
        retriever.generation, retriever.embedder
    )


def test_a_corpus_too_small_to_fit_keeps_the_default(retriever: Retriever) -> None:
    few = retriever.generation.sample(FEWEST // 4, seed=1)
    assert fitted(retriever, few) == {}
    assert 0 < threshold_of({}) < 1
