"""Numbers of citations stand after the sentence, and after a whole table: inside they would break it."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ragchat.answering.events import Citation
from ragchat.faces.marks import Marks
from tests.faces.test_faces import CITATION

HEADER, ROW, OTHER = "| Plan | Price |\n| --- | --- |", "| Ketch | 49 |", "| Brig | 129 |"


def cited(n: int, *, verified: bool = True) -> Citation:
    return replace(CITATION, n=n, verified=verified)


def written(*parts: str | Citation) -> str:
    marks = Marks()
    said = [marks.words(part) if isinstance(part, str) else marks.mark(part) for part in parts]
    return "".join([*said, marks.end()])


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (("A plan costs 49.", cited(1)), "A plan costs 49. [1]"),
        (("A plan costs 49.", cited(1, verified=False)), "A plan costs 49. [1?]"),
        ((HEADER, cited(1), "\n", ROW, cited(1)), f"{HEADER}\n{ROW}\n\n[1]"),
        ((HEADER, cited(1), "\n", ROW, cited(1), "\n", OTHER, cited(1)), f"{HEADER}\n{ROW}\n{OTHER}\n\n[1]"),
        ((ROW, cited(1), "\n\n", "Tax is added.", cited(2)), f"{ROW}\n\n[1]\n\nTax is added. [2]"),
        ((ROW, cited(1), cited(2)), f"{ROW}\n\n[1] [2]"),
        (("| Ket", "ch | 49 |", cited(1), "\n|", " Brig |"), "| Ketch | 49 |\n| Brig |\n\n[1]"),
        (("Either a|b.", cited(1)), "Either a|b. [1]"),
        ((), ""),
    ],
)
def test_where_marks_stand(parts: Sequence[str | Citation], expected: str) -> None:
    assert written(*parts) == expected


pieces = st.lists(
    st.one_of(
        st.sampled_from([HEADER, ROW, "\n", "\n\n", "A sentence.", " ", "|"]), st.integers(1, 3).map(cited)
    ),
    max_size=12,
)


@given(pieces)
def test_no_word_and_no_mark_is_lost(parts: list[str | Citation]) -> None:
    whole = written(*parts)
    words = "".join(part for part in parts if isinstance(part, str))
    marks = {f"[{part.n}]" for part in parts if isinstance(part, Citation)}
    assert all(mark in whole for mark in marks)
    for mark in marks:
        whole = whole.replace(mark, "")
    assert "".join(whole.split()) == "".join(words.split())
