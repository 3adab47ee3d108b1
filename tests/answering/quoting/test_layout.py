"""Answers from documents with a layout: questions as headings, steps, transcripts, copies, another language."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from asking import ask, end

from ingest.run import ingest
from ragchat.answering.answer import Answerer
from ragchat.corpus.local.store import LocalStore
from ragchat.models.cross_encoder import CrossEncoder
from ragchat.models.minilm import MiniLMEmbedder
from ragchat.retrieval.search import Retriever

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
def harbour(
    embedder: MiniLMEmbedder, reader: CrossEncoder, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Retriever]:
    folder: Path = tmp_path_factory.mktemp("layout")
    for name, text in DOCUMENTS.items():
        (folder / name).write_text(text, "utf-8")
    home = LocalStore(tmp_path_factory.mktemp("index") / "layout")
    ingest([folder], home, embedder)
    with home.open(embedder=embedder.spec) as generation:
        yield Retriever(generation, embedder, reader)


async def said(retriever: Retriever, question: str) -> str:
    return end(await ask(Answerer(retriever=retriever), question)).response


async def test_a_heading_that_asks_is_answered_by_what_stands_under_it(harbour: Retriever) -> None:
    assert "Yes, at the eastern pier" in await said(harbour, "Can I moor overnight?")
    assert "At the taps beside the crane." in await said(harbour, "Where is drinking water?")


async def test_how_to_is_answered_by_the_steps_all_of_them_in_order(harbour: Retriever) -> None:
    text = await said(harbour, "How do I send a sail back?")
    steps = [text.index(f"{n}. ") for n in range(1, 5)]
    assert steps == sorted(steps)
    assert text.count("2. Fold the sail") == 1


async def test_who_asks_in_a_transcript_is_not_the_answer(harbour: Retriever) -> None:
    text = await said(harbour, "My depth sounder shows three dashes and beeps")
    assert "Three dashes mean that the sender is covered with growth" in text


async def test_two_documents_that_say_the_same_are_quoted_once(harbour: Retriever) -> None:
    text = await said(harbour, "When does the lock gate of Port Ansel open?")
    assert text.count("The lock gate of Port Ansel opens") == 1


async def test_every_quote_is_the_exact_text_of_its_span(harbour: Retriever) -> None:
    for question in (
        "How do I send a sail back?",
        "Where is drinking water?",
        "When does the lock gate open?",
    ):
        done = end(await ask(Answerer(retriever=harbour), question))
        for citation in done.citations:
            shown = done.response[citation.answer_span.start : citation.answer_span.end]
            assert shown.split() == citation.quote.split()


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Wann ist der Hafenmeister erreichbar?", "siebzehn Uhr"),
        ("Welche Höchstgeschwindigkeit gilt im Hafen?", "fünf Knoten"),
    ],
)
async def test_another_language_is_not_held_against_a_question(
    harbour: Retriever, question: str, answer: str
) -> None:
    assert answer in await said(harbour, question)
