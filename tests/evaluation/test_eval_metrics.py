"""Retrieval measures agree with trec_eval on any ranking; span measures follow the chunking protocol."""

from typing import Any

import pytest
import pytrec_eval
from hypothesis import given, settings
from hypothesis import strategies as st

from ragchat.evaluation.metrics import (
    Stretch,
    auroc,
    hit_at,
    ndcg_at,
    recall_at,
    reciprocal_rank_at,
    span_scores,
)

DOCUMENTS = [f"d{number}" for number in range(40)]
rankings = st.lists(st.sampled_from(DOCUMENTS), max_size=30, unique=True)
relevant_sets = st.sets(st.sampled_from(DOCUMENTS), min_size=1, max_size=15)


def trec_eval(ranking: list[str], relevant: set[str]) -> dict[str, float]:
    """The measures of one query as trec_eval computes them, scores falling with rank."""
    wanted = {"recall.1,3,5,10,20", "success.5", "ndcg_cut.10", "recip_rank"}
    evaluator: Any = pytrec_eval.RelevanceEvaluator({"q": dict.fromkeys(relevant, 1)}, wanted)
    scores = {document: float(len(ranking) - rank) for rank, document in enumerate(ranking)}
    result: dict[str, float] = evaluator.evaluate({"q": scores}).get("q", {})
    return result


@given(rankings, relevant_sets)
@settings(max_examples=300, deadline=None)
def test_agrees_with_trec_eval(ranking: list[str], relevant: set[str]) -> None:
    theirs = trec_eval(ranking, relevant)
    for k in (1, 3, 5, 10, 20):
        assert recall_at(k, ranking, relevant) == pytest.approx(theirs.get(f"recall_{k}", 0.0))
    assert hit_at(5, ranking, relevant) == theirs.get("success_5", 0.0)
    assert ndcg_at(10, ranking, relevant) == pytest.approx(theirs.get("ndcg_cut_10", 0.0))
    # trec_eval has no cut-off for the reciprocal rank: its value over the first ten is ours.
    assert reciprocal_rank_at(10, ranking, relevant) == pytest.approx(
        trec_eval(ranking[:10], relevant).get("recip_rank", 0.0)
    )


def test_span_measures_of_a_worked_example() -> None:
    evidence = [Stretch("a", 10, 20), Stretch("b", 0, 10)]
    passages = [Stretch("a", 0, 15), Stretch("a", 5, 25), Stretch("c", 0, 10)]
    scores = span_scores(passages, evidence)
    assert scores.recall == 10 / 20
    assert scores.precision == 10 / 45, "characters 5 to 15 were retrieved twice and count twice"
    assert scores.iou == 10 / (45 + 10)


def test_evidence_that_overlaps_itself_counts_once() -> None:
    scores = span_scores([Stretch("a", 0, 10)], [Stretch("a", 0, 10), Stretch("a", 5, 10)])
    assert (scores.recall, scores.precision, scores.iou) == (1, 1, 1)


def test_nothing_retrieved_scores_zero() -> None:
    scores = span_scores([], [Stretch("a", 0, 10)])
    assert (scores.recall, scores.precision, scores.iou) == (0, 0, 0)


stretches = st.lists(
    st.builds(
        lambda document, start, length: Stretch(document, start, start + length),
        st.sampled_from("ab"),
        st.integers(0, 30),
        st.integers(1, 12),
    ),
    min_size=1,
    max_size=6,
)


@given(stretches, stretches)
def test_span_measures_agree_with_counting_characters(
    passages: list[Stretch], evidence: list[Stretch]
) -> None:
    def characters(of: list[Stretch]) -> list[tuple[str, int]]:
        return [(stretch.document, at) for stretch in of for at in range(stretch.start, stretch.end)]

    wanted, retrieved = set(characters(evidence)), characters(passages)
    covered = len(wanted & set(retrieved))
    scores = span_scores(passages, evidence)
    assert scores.recall == pytest.approx(covered / len(wanted))
    assert scores.precision == pytest.approx(covered / len(retrieved))
    assert scores.iou == pytest.approx(covered / (len(retrieved) + len(wanted) - covered))


scores_lists = st.lists(st.integers(0, 8).map(float), min_size=1, max_size=20)


@given(scores_lists, scores_lists)
def test_auroc_is_the_chance_that_a_positive_scores_higher(
    positive: list[float], negative: list[float]
) -> None:
    pairs = [(a > b) + (a == b) / 2 for a in positive for b in negative]
    assert auroc(positive, negative) == pytest.approx(sum(pairs) / len(pairs))


def test_auroc_needs_both_kinds() -> None:
    assert auroc([], [1.0]) is None
    assert auroc([1.0], []) is None
