"""Evaluating reads each pair of a question once, and gives the grades that reading anew would give."""

from collections.abc import Sequence

from ragchat.evaluation.remembering import RememberingReranker


class Counting:
    name = "counting"

    def __init__(self) -> None:
        self.read: list[tuple[str, str]] = []

    def scores(self, query: str, texts: Sequence[str]) -> Sequence[float]:
        self.read += [(query, text) for text in texts]
        return [float(len(query) + len(text)) for text in texts]


def test_grades_are_those_of_the_reader_in_the_order_of_the_texts() -> None:
    reader = Counting()
    remembering = RememberingReranker(reader)
    assert remembering.name == "counting"
    assert remembering.scores("why", ["b", "aaa"]) == [4.0, 6.0]
    assert remembering.scores("why", ["aaa", "cc", "b", "cc"]) == [6.0, 5.0, 4.0, 5.0]
    assert reader.read == [("why", "b"), ("why", "aaa"), ("why", "cc")]


def test_another_question_is_read_anew() -> None:
    reader = Counting()
    remembering = RememberingReranker(reader)
    remembering.scores("why", ["a"])
    assert remembering.scores("who is it", ["a"]) == [10.0]
    assert remembering.scores("why", ["a"]) == [4.0]
    assert len(reader.read) == 3
