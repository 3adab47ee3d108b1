"""A claim is checked against what a reader sees: the quoted words under title, headings, lead-in and table header.

Right claims take their subject from there; each wrong one differs by one small edit that a guard must see.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.run import ingest
from ragchat.answering.grounding.grounder import Grounder
from ragchat.corpus.local.store import LocalStore
from ragchat.models.cross_encoder import CrossEncoder
from ragchat.models.minilm import MiniLMEmbedder
from ragchat.retrieval.search import Retriever, SearchOptions

DOCUMENTS = {
    "buoy.md": """# Buoy B7 data sheet

## Button

Press once to see the state. Hold for four seconds to pair. Hold for nine seconds to enter sleep mode.

## Lamp

| Light | Meaning |
|-------|---------|
| One green flash every 20 seconds | All is well |
| Two red flashes every 5 seconds | Water in the hull |
| Yellow flash every minute | Battery below 10 % |

The buoy weighs at most 12 kg. Connect the red wire to plus and the black one to ground.
""",
    "plans.md": """# Mooring plans 2026

| | Day | Week | Season |
|---|---|---|---|
| Price per metre | EUR 3.00 | EUR 15.00 | EUR 120.00 |
| Night watch | no | no | yes |

## Rules of 2026

Berths are paid on arrival. After five seasons you gain one free week. A boat longer than eighteen metres needs a
permit. The normal repair takes six days, the express repair takes two.

## What the fee does not cover

- Electricity, which is metered.
""",
    "liegeplatz.md": """# Liegeplätze

Der Liegeplatz wird höchstens drei Tage freigehalten. Hunde sind an Bord erlaubt.
""",
}


@pytest.fixture(scope="module")
def harbour(
    embedder: MiniLMEmbedder, reader: CrossEncoder, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Retriever]:
    folder: Path = tmp_path_factory.mktemp("docs")
    for name, text in DOCUMENTS.items():
        (folder / name).write_text(text, "utf-8")
    home = LocalStore(tmp_path_factory.mktemp("index") / "harbour")
    ingest([folder], home, embedder)
    with home.open(embedder=embedder.spec) as snapshot:
        yield Retriever(snapshot, embedder, reader)


def verified(harbour: Retriever, claim: str, words: str) -> bool:
    """Whether the claim is verified by the source that holds `words`."""
    snapshot = harbour.snapshot
    grounder = Grounder(
        harbour.embedder, snapshot.language, lambda term: snapshot.idf([term])[term], None, harbour.reranker
    )
    found = harbour.retrieve(f"{words} {claim}", SearchOptions(top_k=8))
    for passage in found.passages:
        window = found.windows.around(passage.document.id, passage.whole)
        if words in " ".join(window.of(passage.whole).split()):
            return grounder.verdicts(claim, {1: passage}, {1: window})[0].support.verified
    raise AssertionError(f"no passage holds {words!r}")


@pytest.mark.parametrize(
    ("claim", "words"),
    [
        ("To put the buoy B7 into sleep mode, hold the button for nine seconds.", "Hold for nine"),
        ("On the Buoy B7, two red flashes every 5 seconds mean water in the hull.", "Two red flashes"),
        ("According to its data sheet, the buoy B7 weighs no more than 12 kg.", "at most 12 kg"),
        ("The price per metre for a week is EUR 15.00.", "Price per metre"),
        ("In 2026, berths are paid on arrival.", "Berths are paid"),
        ("The express repair takes two days.", "express repair"),
        ("The fee does not cover electricity, which is metered.", "Electricity, which"),
        ("Der Liegeplatz wird nicht länger als drei Tage freigehalten.", "höchstens drei Tage"),
    ],
)
def test_what_stands_in_title_heading_or_header_counts_as_said(
    harbour: Retriever, claim: str, words: str
) -> None:
    assert verified(harbour, claim, words)


@pytest.mark.parametrize(
    ("claim", "words"),
    [
        ("On the Buoy B8, two red flashes every 5 seconds mean water in the hull.", "Two red flashes"),
        ("Two green flashes every 5 seconds mean water in the hull.", "Two red flashes"),
        ("Hold for four seconds to enter sleep mode.", "Hold for nine"),
        ("The buoy weighs at least 12 kg.", "at most 12 kg"),
        ("The buoy weighs at most 12 g.", "at most 12 kg"),
        ("Connect the black wire to plus and the red one to ground.", "Connect the red wire"),
        ("A season costs EUR 15.00 per metre.", "Price per metre"),
        ("A day costs EUR 15.00 and a week costs EUR 3.00 per metre.", "Price per metre"),
        ("There is a night watch with the plan Week.", "Night watch"),
        ("In 2025, berths are paid on arrival.", "Berths are paid"),
        ("Berths are not paid on arrival.", "Berths are paid"),
        ("After five seasons you lose one free week.", "After five seasons"),
        ("After five seasons you gain one free month.", "After five seasons"),
        ("Before five seasons you gain one free week.", "After five seasons"),
        ("A boat shorter than eighteen metres needs a permit.", "needs a permit"),
        ("The express repair takes six days.", "express repair"),
        ("The normal repair takes two days, the express repair takes six.", "express repair"),
        ("The fee covers electricity, which is metered.", "Electricity, which"),
        ("Der Liegeplatz wird mindestens drei Tage freigehalten.", "höchstens drei Tage"),
        ("Hunde sind an Bord verboten.", "an Bord erlaubt"),
    ],
)
def test_one_small_edit_is_seen(harbour: Retriever, claim: str, words: str) -> None:
    assert not verified(harbour, claim, words)
