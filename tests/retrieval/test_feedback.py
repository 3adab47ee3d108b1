"""Words lent by the best chunks."""

from collections import Counter

import pytest

from ragchat.retrieval.scoring.feedback import SHARE, WORDS, added_words, feedback_scores
from ragchat.retrieval.scoring.sentences import Reading


def reading(words: str) -> Reading:
    counts = Counter(words.split())
    return Reading((tuple(words.split()),), counts, max(1, counts.total()))


def idf(word: str) -> float:
    return {"the": 0.1}.get(word, 3.0)


def test_rare_words_of_the_best_chunks_are_added_with_a_fixed_share_of_the_weight() -> None:
    seeds = [reading("the wing flutter the"), reading("the flutter speed the")]

    added = added_words({"wing": 1.0, "stall": 2.0}, seeds, [1.0, 0.5], idf)

    assert max(added, key=lambda word: added[word]) == "flutter"
    assert added["the"] < added["speed"] < added["flutter"]
    assert sum(added.values()) / (3.0 + sum(added.values())) == pytest.approx(SHARE)


def test_no_more_words_than_the_limit_and_none_without_seeds() -> None:
    many = reading(" ".join(f"w{i}" for i in range(50)))

    assert len(added_words({"a": 1.0}, [many], [1.0], idf)) == WORDS
    assert added_words({"a": 1.0}, [], [], idf) == {}


def test_bm25_rises_with_a_words_count_and_falls_with_length() -> None:
    once, twice, long = reading("wing a b c"), reading("wing wing b c"), reading("wing " + "x " * 40)

    scores = feedback_scores({"wing": 1.0}, [once, twice, long], idf)

    assert scores[1] > scores[0] > scores[2] > 0
    assert feedback_scores({"wing": 1.0}, [reading("other")], idf).tolist() == [0.0]
