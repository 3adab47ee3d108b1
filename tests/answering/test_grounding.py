"""What counts as supported: hard facts must agree, and generated lies about the sample corpus are caught."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.run import ingest
from ragchat.answering.grounding.facts import facts_of, polarity_agrees
from ragchat.answering.grounding.figures import figures_agree, figures_of
from ragchat.answering.grounding.grounder import Grounder
from ragchat.answering.grounding.slant import slant_agrees
from ragchat.corpus.local.searching.snapshot import LocalSnapshot
from ragchat.corpus.local.store import LocalStore
from ragchat.models.minilm import MiniLMEmbedder
from ragchat.retrieval.search import RetrievedPassage, Retriever, SearchOptions

BENCH = Path(__file__).resolve().parents[2] / "bench" / "answering"


@pytest.mark.parametrize(
    ("claim", "source", "agree"),
    [
        ("It costs 1,000 euro.", "It costs 1000 euro.", True),
        ("It costs 1.50 euro.", "It costs 1.5 euro.", True),
        ("Five days are free.", "There are 5 free days.", True),
        ("It opened on 2024-05-14.", "It opened on 14 May 2024.", True),
        ("It opened on 14 June 2024.", "It opened on 14 May 2024.", False),
        ("It costs 60 euro.", "It costs 50 euro.", False),
        (
            "It takes 30 days for 5 users.",
            "It takes 5 days for 30 users.",
            True,
        ),  # told apart by the words around
        ("There are 2 and 2 degrees.", "There are 2 and 8 degrees.", False),
        ("The warranty lasts 24 hours.", "The warranty lasts 24 months.", False),
        ("The warranty lasts 24 months.", "The warranty lasts twenty-four months, that is 24 months.", True),
        ("It costs 19 euro a month.", "It costs EUR 19 a month.", True),
        ("It costs 19 dollars a month.", "It costs EUR 19 a month.", False),
        ("It works down to 30 degrees outside.", "It works down to -30 degrees outside.", False),
        ("It works down to −30 degrees outside.", "It works down to -30 degrees outside.", True),
        ("It ran in the season 2018–19.", "It ran in the season 2018-2019.", True),
        (
            "A hotel costs 25 euro a night.",
            "A hotel costs 130 euro a night. A meal costs 25 euro a day.",
            False,
        ),
        ("A meal costs 25 euro a day.", "A hotel costs 130 euro a night. A meal costs 25 euro a day.", True),
    ],
)
def test_figures(claim: str, source: str, agree: bool) -> None:
    assert figures_agree(figures_of(claim), figures_of(source)) is agree


@pytest.mark.parametrize(
    ("claim", "source", "agree"),
    [
        ("The pump must run dry.", "The pump must not run dry.", False),
        ("The pump must not run dry.", "The pump must run dry.", False),
        ("Prices increased.", "Prices decreased last year.", False),
        ("Access is allowed.", "Access is forbidden.", False),
        ("No fee is not charged.", "No fee is charged.", False),
        ("Paid leave ends.", "Unpaid things aside, paid leave ends.", True),
    ],
)
def test_polarity(claim: str, source: str, agree: bool) -> None:
    assert polarity_agrees(facts_of(claim), facts_of(source)) is agree


@pytest.mark.parametrize(
    ("claim", "source", "agree"),
    [
        ("It has a minor effect on costs.", "It has an effect on costs.", False),
        ("It has a negligible effect on costs.", "It has little effect on costs.", True),
        ("The fee is partly to blame for the closure.", "The fee came before the closure.", False),
        ("It closed because of the flood.", "It closed due to the flood.", True),
        ("The finding is unfounded.", "The finding is shared by all members.", False),
    ],
)
def test_words_that_turn_a_sentence(claim: str, source: str, agree: bool) -> None:
    assert slant_agrees(facts_of(claim).words, facts_of(source).words) is agree


def passage_with(retriever: Retriever, words: str) -> RetrievedPassage:
    return next(p for p in retriever.search(words, SearchOptions()) if words in " ".join(p.text.split()))


def verified(retriever: Retriever, claim: str, *words: str) -> list[bool]:
    snapshot = retriever.snapshot
    grounder = Grounder(retriever.embedder, snapshot.language, lambda term: snapshot.idf([term])[term])
    cited = {n: passage_with(retriever, part) for n, part in enumerate(words, 1)}
    return [verdict.support.verified for verdict in grounder.verdicts(claim, cited)]


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        ("Backups of the order database are kept for 35 days.", True),
        ("Restoring a backup was tested on 14 May 2024.", True),
        ("Marek Nowak leads the operations team.", True),
        ("Anna Berg leads the operations team.", False),
        ("Marek Nowak leads the Backups team.", False),
        ("Restoring a backup was tested on 14 May 2023.", False),
        ("Backups of the order database are never kept for 35 days.", False),
        ("The operations team likes long walks.", False),
    ],
)
def test_a_claim_against_one_source(retriever: Retriever, claim: str, expected: bool) -> None:
    assert verified(retriever, claim, "Marek Nowak leads the operations team.") == [expected]


def test_only_the_source_that_supports_is_verified(retriever: Retriever) -> None:
    claim = "Marek Nowak leads the operations team."
    assert verified(retriever, claim, "Marek Nowak leads", "It must not run dry.") == [True, False]


@pytest.fixture(scope="module")
def sample(
    corpus_dir: Path, embedder: MiniLMEmbedder, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LocalSnapshot]:
    home = LocalStore(tmp_path_factory.mktemp("sample") / "sample")
    ingest([corpus_dir / "handbook", corpus_dir / "policies", corpus_dir / "support"], home, embedder)
    with home.open(embedder=embedder.spec) as generation:
        yield generation


def test_changed_numbers_dates_names_and_negations_are_caught(
    sample: LocalSnapshot, embedder: MiniLMEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [*sys.path, str(BENCH)])
    from corruptions import corruptions
    from grounding import grounder_of, passages_of, true_sentences

    grounder = grounder_of(sample, embedder)
    pairs = true_sentences(list(passages_of(sample, 250)))
    lies = corruptions([text for _, text in pairs], 500)
    assert len(lies) == 500
    passed = [
        lie for lie in lies if grounder.verdicts(lie.false, {1: pairs[lie.place][0]})[0].support.verified
    ]
    assert len(passed) <= 10, [f"{lie.kind}: {lie.false}" for lie in passed]
    truths = [grounder.verdicts(text, {1: passage})[0].support.verified for passage, text in pairs[:100]]
    assert sum(truths) >= 95


def swapped(passage: RetrievedPassage, true: str) -> Iterator[str]:
    """The sentence with a figure of another sentence of its passage in the place of its own."""
    from corruptions import _NUMBER

    others = " ".join(sentence.text for sentence in passage.sentences if sentence.text != true)
    there = sorted(number for number in set(_NUMBER.findall(others)) if number not in true)
    for own in list(_NUMBER.finditer(true))[:1]:
        yield from (true[: own.start()] + number + true[own.end() :] for number in there[:2])


def test_figures_exchanged_inside_a_passage_are_caught(
    sample: LocalSnapshot, embedder: MiniLMEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [*sys.path, str(BENCH)])
    from grounding import grounder_of, passages_of, true_sentences

    grounder = grounder_of(sample, embedder)
    pairs = true_sentences(list(passages_of(sample, 250)))
    lies = [(passage, lie) for passage, true in pairs for lie in swapped(passage, true)]
    passed = [lie for passage, lie in lies if grounder.verdicts(lie, {1: passage})[0].support.verified]
    assert len(lies) > 80
    assert len(passed) <= 0.04 * len(lies), passed


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        ("Restoring was tested in Tide on 14 May 2024.", False),
        ("Backups are kept for 35 days in Rostock.", True),
        ("Backups are kept for 35 days in Berlin.", False),
    ],
)
def test_a_name_in_the_place_of_another(retriever: Retriever, claim: str, expected: bool) -> None:
    assert verified(retriever, claim, "Marek Nowak leads the operations team.") == [expected]


def test_claims_with_known_labels_are_accepted_precisely(
    eval_dir: Path, embedder: MiniLMEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those with short evidence; all of them: bench/answering/grounding.py."""
    monkeypatch.setattr(sys, "path", [*sys.path, str(BENCH)])
    from grounding import Evidence, evidence_passage

    lines = (eval_dir / "support" / "claims.jsonl").read_text("utf-8").splitlines()
    rows = [row for row in map(json.loads, lines) if len(row["evidence_sentences"]) <= 12]
    corpus = Evidence([sentence for row in rows for sentence in row["evidence_sentences"]])
    grounder = Grounder(embedder, "en", corpus.idf)
    accepted = [
        row["label"]
        for row in rows
        if grounder.verdicts(
            row["claim"], {1: evidence_passage(row["evidence_sentences"], corpus, embedder)}
        )[0].support.verified
    ]
    right, wrong = accepted.count("supported"), accepted.count("not_supported") + accepted.count("refuted")
    assert right / (right + wrong) >= 0.9
    assert right >= 0.08 * sum(row["label"] == "supported" for row in rows)
