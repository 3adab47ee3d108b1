"""Normalising and adding scores."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ragchat.corpus.first_stage import fused, normalized

scores = st.lists(st.floats(-1, 40), max_size=30).map(np.array)


@given(scores, st.floats(-1, 1))
def test_normalised_scores_lie_in_0_1_and_keep_their_order(raw: np.ndarray, floor: float) -> None:
    result = normalized(raw.astype(float), floor)

    assert ((result >= 0) & (result <= 1)).all()
    order = np.argsort(raw, kind="stable")
    assert (np.diff(result[order]) >= 0).all()


def test_the_floor_is_0_and_the_best_is_1() -> None:
    assert normalized(np.array([0.1, 0.2, 0.5, 0.05]), 0.1).tolist() == pytest.approx([0, 0.25, 1, 0])


def test_nothing_above_the_floor_is_all_0() -> None:
    assert normalized(np.array([0.0, 0.0]), 0.0).tolist() == [0, 0]
    assert normalized(np.zeros(0), 0.0).tolist() == []


def test_a_hit_of_both_searches_beats_the_best_of_one() -> None:
    both, best_by_meaning, best_by_words = fused(np.array([0.8, 1.0, 0.0]), np.array([0.8, 0.0, 1.0]))

    assert both > best_by_meaning == best_by_words
