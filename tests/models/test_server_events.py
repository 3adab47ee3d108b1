"""Server-sent events cut out of bytes: the same however the bytes are cut."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from ragchat.models.streams.server_events import EventData

LINES = st.sampled_from(
    [b"data: {}", b"data:x", b"data", b"data:  two", b": comment", b"event: ping", b"id: 7", b"", b"", b"other: 1",
     "data: für".encode()]
)  # fmt: skip


def fed(pieces: list[bytes]) -> list[bytes]:
    events = EventData()
    return [data for piece in pieces for data in events.feed(piece)]


def test_data_of_several_lines_is_one_event() -> None:
    assert fed([b"data: a\ndata: b\n\n", b"data: c\n\n"]) == [b"a\nb", b"c"]


def test_what_is_not_ended_is_none_and_comments_are_passed_over() -> None:
    assert fed([b": hello\n\n", b"event: ping\n\n", b"data: a\n\ndata: b\n"]) == [b"a"]


@given(st.lists(LINES), st.sampled_from([b"\n", b"\r\n", b"\r"]), st.lists(st.integers(0, 400), max_size=30))
def test_events_do_not_depend_on_how_the_bytes_come(lines: list[bytes], end: bytes, cuts: list[int]) -> None:
    stream = end.join([*lines, b"", b": end"])
    edges = [0, *sorted({cut % (len(stream) + 1) for cut in cuts}), len(stream)]
    events: list[bytes] = []
    data: list[bytes] = []
    for line in [*lines, b""]:
        if line.startswith(b"data"):
            data.append(line[4:].removeprefix(b":").removeprefix(b" "))
        elif not line:
            events, data = [*events, *([b"\n".join(data)] if data else [])], []
    assert fed([stream[a:b] for a, b in pairwise(edges)]) == events


def test_a_long_event_in_many_pieces_is_looked_at_once() -> None:
    pieces = [b"data: ", *[b"x" * 100] * 100_000, b"\n\n"]
    assert [len(data) for data in fed(pieces)] == [10_000_000]
