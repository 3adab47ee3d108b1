"""What a reasoning model thinks aloud is taken out, however the stream was cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ragchat.answering.writing.calls.thinking import Thinking

SAID = "<think>90 days <b>?</b>\n</think>\n\nIt is < 5 <thin> days. <Thinking>again</Thinking> Bye.<think>never closed"


def without(pieces: list[str]) -> str:
    thinking = Thinking()
    return "".join([*map(thinking.feed, pieces), thinking.flush()])


@given(st.lists(st.integers(1, 12), min_size=200, max_size=200))
def test_the_cuts_of_the_stream_make_no_difference(sizes: list[int]) -> None:
    pieces, at = [], 0
    for size in sizes:
        pieces.append(SAID[at : at + size])
        at += size
    assert without(pieces) == "It is < 5 <thin> days. Bye."


@pytest.mark.parametrize(
    ("said", "left"), [("</think>Yes.", "Yes."), ("a < b", "a < b"), ("x <thin", "x <thin")]
)
def test_what_is_no_thought_stays(said: str, left: str) -> None:
    assert without([said]) == left
