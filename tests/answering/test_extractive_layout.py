"""Answers from documents with a layout: questions as headings, steps, transcripts, copies, another language."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.run import ingest
from ragchat.answering.answer import Answerer
from ragchat.answering.quoting.extractive import Extract, candidates, extracts
from ragchat.corpus.local.store import LocalStore
from ragchat.models.minilm import MiniLMEmbedder
from ragchat.retrieval.search import Retriever, SearchOptions

DOCUMENTS = {
    "faq.md": """# Questions about the harbour

## May I moor overnight?

Yes, at the eastern pier, for a fee that the harbour master collects in the morning.

## Where do I get drinking water?

At the taps beside the crane. A coin of one euro opens them for ten minutes.
""",
    "returns.md": """# Returns

Goods that do not fit are taken back.

## How to send a sail back

1. Ask for a return number in the shop.
2. Fold the sail and put it into its bag.
3. Stick the label on the bag.
4. Hand the bag to the carrier.

Sails that were cut to size are not taken back.
""",
    "ticket.md": """# Ticket 4711

Customer: Since the storm the depth sounder of our boat shows three dashes and beeps. It is new.

Support: Three dashes mean that the sender is covered with growth. Clean it with a wooden scraper.
""",
    "copy-one.md": "# Notice one\n\nThe lock gate of Port Ansel opens every day at 06:00 for sailing boats.\n",
    "copy-two.md": "# Notice two\n\nThe lock gate of Port Ansel opens every day at 06:00 for all sailing boats.\n",
    "hafen.md": """# Hafenordnung

Im Hafen gilt eine Höchstgeschwindigkeit von fünf Knoten. Der Hafenmeister ist montags bis freitags von acht bis
siebzehn Uhr erreichbar. Hunde müssen an der Leine geführt werden.
""",
    "depth.md": "# Depth sounder\n\nThe depth sounder measures up to 80 metres. It weighs 300 grams.\n",
}


@pytest.fixture(scope="module")
def harbour(embedder: MiniLMEmbedder, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Retriever]:
    folder: Path = tmp_path_factory.mktemp("layout")
    for name, text in DOCUMENTS.items():
        (folder / name).write_text(text, "utf-8")
    home = LocalStore(tmp_path_factory.mktemp("index") / "layout")
    ingest([folder], home, embedder)
    with home.open(embedder=embedder.spec) as generation:
        yield Retriever(generation, embedder)


def quotes(retriever: Retriever, question: str) -> list[Extract]:
    passages = retriever.search(question, SearchOptions(trim=False))
    return extracts(candidates(question, passages, retriever.generation), passages, retriever.generation)


def best(retriever: Retriever, question: str) -> str:
    passages = retriever.search(question, SearchOptions(trim=False))
    return candidates(question, passages, retriever.generation)[0].text


def test_a_heading_that_asks_is_answered_by_what_stands_under_it(harbour: Retriever) -> None:
    assert best(harbour, "Can I moor overnight?").startswith("Yes, at the eastern pier")
    assert best(harbour, "Where is drinking water?") == "At the taps beside the crane."


def test_how_to_is_answered_by_the_steps_all_of_them_under_their_heading(harbour: Retriever) -> None:
    text = "\n".join(quote.text for quote in quotes(harbour, "How do I send a sail back?"))
    assert "How to send a sail back" in text
    steps = [text.index(f"{n}. ") for n in range(1, 5)]
    assert steps == sorted(steps)
    assert text.count("2. Fold the sail") == 1


def test_who_asks_in_a_transcript_is_not_the_answer(harbour: Retriever) -> None:
    assert best(harbour, "My depth sounder shows three dashes and beeps").startswith(
        "Support: Three dashes mean"
    )


def test_two_documents_that_say_the_same_are_quoted_once(harbour: Retriever) -> None:
    text = " ".join(quote.text for quote in quotes(harbour, "When does the lock gate of Port Ansel open?"))
    assert text.count("The lock gate of Port Ansel opens") == 1


def test_every_quote_is_the_exact_text_of_its_span(harbour: Retriever) -> None:
    for question in (
        "How do I send a sail back?",
        "Where is drinking water?",
        "When does the lock gate open?",
    ):
        passages = harbour.search(question, SearchOptions(trim=False))
        for quote in quotes(harbour, question):
            document = passages[quote.n - 1].document
            there = harbour.generation.text(document.id, quote.span.start, quote.span.end)
            assert quote.text.split() == there.split()


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Wann ist der Hafenmeister erreichbar?", "siebzehn Uhr"),
        ("Welche Höchstgeschwindigkeit gilt im Hafen?", "fünf Knoten"),
    ],
)
def test_another_language_is_not_held_against_a_question(
    harbour: Retriever, question: str, answer: str
) -> None:
    answerer = Answerer(retriever=harbour)
    assert answerer.support(question) > harbour.generation.settings.get("refusal_threshold", 0.42)
    assert answer in " ".join(quote.text for quote in quotes(harbour, question))
