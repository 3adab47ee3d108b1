"""The refusal threshold is fitted from the corpus alone and lies between what it knows and what it does not."""

from pathlib import Path

from asking import ask, end

from ingest.options import IngestOptions
from ingest.run import ingest
from ragchat.answering.answer import Answerer
from ragchat.answering.refusing.calibration import (
    DEFAULT_THRESHOLD,
    FEWEST,
    THRESHOLD,
    UNRELATED,
    calibrate,
    fitted,
)
from ragchat.answering.refusing.refusal import threshold_of
from ragchat.corpus.local.store import LocalStore
from ragchat.models.minilm import MiniLMEmbedder
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


def test_a_corpus_too_small_to_fit_takes_only_its_lower_anchor(retriever: Retriever) -> None:
    few = retriever.generation.sample(FEWEST // 4, seed=1)
    threshold = fitted(retriever, few)[THRESHOLD]
    answerer = Answerer(retriever=retriever)
    assert threshold >= DEFAULT_THRESHOLD
    assert all(answerer.support(question) > threshold for question in KNOWN)
    assert sum(answerer.support(question) > threshold for question in UNRELATED) <= 2
    assert fitted(retriever, []) == {}
    assert threshold_of({}) == DEFAULT_THRESHOLD


GERMAN = """# Handbuch

Jede Vollzeitkraft hat Anspruch auf 28 Urlaubstage im Jahr. Resturlaub verfällt am 31. März des Folgejahres.

Bei jährlicher Zahlung gewähren wir 15 Prozent Rabatt. Vereine erhalten 30 Prozent Nachlass.
"""


async def test_short_german_questions_are_answered_from_a_single_german_page(
    embedder: MiniLMEmbedder, tmp_path: Path
) -> None:
    page = tmp_path / "handbuch.md"
    page.write_text(GERMAN, "utf-8")
    home = LocalStore(tmp_path / "index")
    ingest([page], home, embedder, IngestOptions(checks=(lambda built, _: calibrate(built, embedder),)))
    with home.open(embedder=embedder.spec) as generation:
        answerer = Answerer(retriever=Retriever(generation, embedder))
        answers = {question: end(await ask(answerer, question)) for question in ASKED_IN_GERMAN}
    said = {question: answer.response for question, answer in answers.items() if answer.finish == "answered"}
    assert "31. März" in said["Wann verfällt mein Urlaub?"]
    assert "15 Prozent" in said["Gibt es Rabatte?"]
    assert answers["Gibt es eine Kantine?"].finish == "refused"
    assert answers["Wie lange kocht ein Ei?"].finish == "refused"


ASKED_IN_GERMAN = (
    "Wann verfällt mein Urlaub?", "Gibt es Rabatte?", "Gibt es eine Kantine?", "Wie lange kocht ein Ei?",
)  # fmt: skip
