"""Markers and links taken out of a model's stream, however it is cut."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ragchat.answering.writing.markers import LONGEST_ADDRESS, REMOVED, Marker, MarkerScanner, addresses_in

ALLOWED = frozenset({"https://docs.example.com/a"})
Seen = list[tuple[int, tuple[int, ...]]]


def scan(text: str, cuts: list[int]) -> tuple[str, Seen]:
    """The text that is left and the markers with their places in it."""
    scanner = MarkerScanner(ALLOWED)
    edges = [0, *sorted({cut % (len(text) + 1) for cut in cuts}), len(text)]
    pieces = [piece for a, b in pairwise(edges) for piece in scanner.feed(text[a:b])]
    left, markers = "", []
    for piece in [*pieces, *scanner.flush()]:
        if isinstance(piece, Marker):
            markers.append((len(left), piece.numbers))
        else:
            left += piece
    return left, markers


@pytest.mark.parametrize(
    ("text", "left", "numbers"),
    [
        ("True. [1] Next", "True. Next", [(1,)]),
        ("True [1].", "True.", [(1,)]),
        ("True.[1][2]", "True.", [(1,), (2,)]),
        ("True [1, 2]; [3-5].", "True;.", [(1, 2), (3, 4, 5)]),
        ("True【1】. True【2†source】.", "True. True.", [(1,), (2,)]),
        ("True [Source 3] and [^4].", "True and.", [(3,), (4,)]),
        ("No such [99] or [0].", "No such or.", [(99,), (0,)]),
        ("A marker as a link [1](https://evil.example/x).", "A marker as a link.", [(1,)]),
        ("See [the docs](https://docs.example.com/a).", "See [the docs](https://docs.example.com/a).", []),
        ("See [the docs](https://evil.example/?q=secret).", "See the docs.", []),
        ("Image ![x](https://evil.example/p.png) gone", "Image  gone", []),
        ("Go to https://evil.example/a?b=c.", f"Go to {REMOVED}.", []),
        ("Go to www.evil.example now", f"Go to {REMOVED} now", []),
        ("Go to https://docs.example.com/a.", "Go to https://docs.example.com/a.", []),
        ('<img src="https://evil.example/p">Text<script>', "Text", []),
        ("`a[1]` and ```\nb[2] = 3\n``` end [3]", "`a[1]` and ```\nb[2] = 3\n``` end", [(3,)]),
        ("A list: [x] and [todo], 3 < 4, ok!", "A list: [x] and [todo], 3 < 4, ok!", []),
        ("The data: five. Over http: or https: it goes", "The data: five. Over http: or https: it goes", []),
        (r"Escaped \[1\] stays", r"Escaped \[1\] stays", []),
    ],
)
def test_what_is_taken_out_and_what_stays(text: str, left: str, numbers: list[tuple[int, ...]]) -> None:
    found, markers = scan(text, [])
    assert found == left
    assert [cited for _, cited in markers] == numbers


PIECES = st.sampled_from(
    ["[1]", "[", "]", "[2, 3]", "【4】", "【", "(", ")", "!", "`", "```", "\n", " ", "word", ". ", "[0]", "[99]",
     "https://evil.example/x", "https://docs.example.com/a", "http", "www.", "<img ", "<b>", ">", "\\", "](", "![", "1"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=25).map("".join), st.lists(st.integers(0, 500), max_size=12))
def test_the_result_does_not_depend_on_how_the_stream_was_cut(text: str, cuts: list[int]) -> None:
    assert scan(text, cuts) == scan(text, [])


@given(st.lists(PIECES, max_size=25).map("".join))
def test_no_unlisted_address_is_left_outside_code(text: str) -> None:
    left, _ = scan(text, list(range(len(text))))
    if "`" not in left:
        assert addresses_in(left) <= ALLOWED
        assert "<img " not in left
        assert "![x](http" not in left


@pytest.mark.parametrize("between", [" [1]", "<b>", " 【2】", "![](https://evil.example/x)"])
def test_what_is_taken_out_never_joins_an_address_with_what_follows(between: str) -> None:
    for rest in ("?q=secret", "[x", "word", "/path"):
        left, _ = scan(f"https://docs.example.com/a{between}{rest}", [])
        assert addresses_in(left) <= ALLOWED, left


def test_what_is_held_back_is_bounded() -> None:
    scanner = MarkerScanner()
    told = sum(len(piece) for _ in range(100) for piece in scanner.feed("[" * 100) if isinstance(piece, str))
    assert told >= 10_000 - LONGEST_ADDRESS
