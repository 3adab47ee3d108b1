"""Chunks are packed from whole blocks; what a chunk begins inside of, it is read under."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.extract import extract
from ingest.split import SplitOptions, split
from ingest.split.leaves import leaves
from ingest.split.measure import estimated_tokens
from ragchat.documents import Chunk, Document


def markdown(text: str, name: str = "page.md") -> Document:
    read = extract(text.encode(), name)
    return Document(
        "d1",
        "c",
        name,
        name,
        read.title,
        read.media_type,
        "",
        read.text,
        read.pages,
        read.headings,
        blocks=read.blocks,
    )


def pieces(document: Document, tokens: int = 190) -> list[tuple[Chunk, str]]:
    chunks = split(document, SplitOptions(tokens=tokens))
    return [(chunk, document.text[chunk.start : chunk.end]) for chunk in chunks]


def test_rows_far_from_their_header_are_read_under_it() -> None:
    rows = "\n".join(f"| E{i} | cause {i} | exchange part {7000 + i} |" for i in range(80))
    document = markdown(f"# Codes\n\n| Code | Cause | Remedy |\n| --- | --- | --- |\n{rows}\n")

    found = pieces(document)

    assert len(found) > 3
    assert found[0][0].heading_path == ("Codes",)
    for chunk, text in found[1:]:
        assert chunk.heading_path == ("Codes", "Code | Cause | Remedy")
        assert all(line.startswith("| E") and line.endswith("|") for line in text.splitlines())


def test_the_header_takes_up_room_of_the_chunks_that_repeat_it() -> None:
    rows = "\n".join(f"| {i} | one more value |" for i in range(60))
    document = markdown(f"| {'long name ' * 10} | other |\n| --- | --- |\n{rows}\n")
    for chunk, text in pieces(document, tokens=80)[1:]:
        assert estimated_tokens(text) + estimated_tokens(" ".join(chunk.heading_path)) <= 81


def test_a_lead_in_stays_with_the_first_item_and_is_repeated_before_later_ones() -> None:
    before = " ".join(f"Sentence {i} fills the paragraph above." for i in range(14))
    items = "\n".join(f"- item {i} is one of those that are needed for it" for i in range(30))
    document = markdown(f"{before} You need these things:\n\n{items}\n")

    found = pieces(document, tokens=100)

    starts = [text for _, text in found if "item 0 " in text]
    assert len(starts) == 1
    assert "You need these things:" in starts[0]
    late = next(chunk for chunk, text in found if text.startswith("- item"))
    assert late.heading_path == ("You need these things:",)


def test_an_answer_stays_with_its_question_and_a_heading_with_its_text() -> None:
    questions = "\n\n".join(
        f"Q: What is thing {i} for?\n\nA: It is for case {i}. " + "It has to be said at some length. " * 3
        for i in range(8)
    )
    for _, text in pieces(markdown(questions), tokens=90):
        assert text.startswith("Q:")
        assert not text.rstrip().endswith("?")


def test_units_end_at_the_borders_of_blocks() -> None:
    document = markdown("Some words without a stop\n\n- one item\n- two\n\n```\na = 1\n```\n\n> said\n")
    sentences = [
        span.of(document.text) for chunk in split(document, SplitOptions()) for span in chunk.sentences
    ]
    assert sentences == ["Some words without a stop", "- one item", "- two", "```\na = 1\n```", "> said"]


def test_code_is_cut_at_its_lines() -> None:
    code = "\n".join(f"value_{i} = compute(value_{i - 1}, factor={i})" for i in range(1, 60))
    for _, text in pieces(markdown(f"Run it:\n\n```python\n{code}\n```\n"), tokens=120):
        for line in text.splitlines():
            assert line in ("Run it:", "", "```python", "```") or line in code.splitlines()


def test_prose_that_looks_like_a_row_is_still_prose() -> None:
    text = "This | that is prose. It has two sentences."
    sentences = [span.of(text) for chunk in split(markdown(text), SplitOptions()) for span in chunk.sentences]
    assert sentences == ["This | that is prose.", "It has two sentences."]


parts = st.sampled_from(
    ["# A\n\n", "Word. Other word.\n\n", "- item\n", "  - below\n", "1. step\n", "> said\n\n", "```\ncode = 1\n```\n\n",
     "\n", "| a | b |\n| --- | --- |\n| 1 | 2 |\n", "\n| 3 | 4 |\n", "Q: why?\nA: so.\n\n", "...\n\n",
     "!!! note\n    text\n\n",
     "Key: value\nOther: value\n\n", "東京は大きい。人が多い。\n\n", "x" * 300 + "\n\n", "***\n\n", "[^1]: note\n\n"]
)  # fmt: skip


@given(text=st.lists(parts, max_size=30).map("".join), tokens=st.sampled_from([16, 40, 190]))
@settings(max_examples=150)
@pytest.mark.parametrize("name", ["page.md", "page.txt"])
def test_nothing_is_lost_and_nothing_is_doubled(name: str, text: str, tokens: int) -> None:
    document = markdown(text, name)
    chunks = split(document, SplitOptions(tokens=tokens)) if document.text else []
    units = [span for chunk in chunks for span in chunk.sentences]
    assert all(one.end <= other.start for one, other in pairwise(units))
    covered = "".join(span.of(document.text) for span in units)
    assert "".join(covered.split()) == "".join(document.text.split())
    for chunk in chunks:
        assert (chunk.start, chunk.end) == (chunk.sentences[0].start, chunk.sentences[-1].end)


@given(text=st.lists(parts, max_size=30).map("".join))
@settings(max_examples=100)
def test_leaves_hold_every_character_once(text: str) -> None:
    document = markdown(text)
    spans = [leaf.span for leaf in leaves(document)]
    assert all(one.end <= other.start for one, other in pairwise(spans))
    assert "".join("".join(span.of(document.text) for span in spans).split()) == "".join(
        document.text.split()
    )
