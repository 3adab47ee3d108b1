"""Documents into chunks: exact spans, nothing lost, cut where a reader would cut."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.split import SplitOptions, SplitRule, Strategy, split, split_options
from ingest.split.measure import estimated_tokens
from ingest.split.options import strategy_for
from ragchat.documents import Document, Heading
from ragchat.errors import UsageError

STRATEGIES: tuple[Strategy, ...] = ("auto", "markdown", "recursive", "sentences", "code", "rows")


def document(
    text: str,
    key: str = "page.md",
    headings: tuple[Heading, ...] = (),
    pages: tuple[int, ...] = (),
    media_type: str = "text/markdown",
) -> Document:
    return Document("d1", "c", key, key, "Title", media_type, "", text, pages, headings)


def texts(made: Document, options: SplitOptions) -> list[str]:
    return [made.text[chunk.start : chunk.end] for chunk in split(made, options)]


def sentence(number: int) -> str:
    return f"Sentence number {number} talks about the weather in the north of the country."


words = st.sampled_from(
    ["alpha", "Beta.", "gamma\n", "\n\n", "  ", "delta,", "e" * 60, "1.", "| x |", "```\n", "東京", "#"]
)
messy = st.lists(words, max_size=120).map(" ".join)


@pytest.mark.parametrize("strategy", STRATEGIES)
@settings(max_examples=40)
@given(text=messy, overlap=st.sampled_from([0, 10]))
def test_every_character_but_white_space_is_in_a_chunk_and_in_a_sentence(
    strategy: Strategy, text: str, overlap: int
) -> None:
    made = document(text, key="x.py" if strategy == "code" else "page.md")
    chunks = split(made, SplitOptions(strategy=strategy, tokens=20, overlap=overlap))

    covered = bytearray(len(text))
    for chunk in chunks:
        assert 0 <= chunk.start < chunk.end <= len(text)
        assert made.text[chunk.start : chunk.end].strip() == made.text[chunk.start : chunk.end]
        for span in chunk.sentences:
            assert chunk.start <= span.start < span.end <= chunk.end
            covered[span.start : span.end] = b"1" * (span.end - span.start)
    assert all(covered[i] or character.isspace() for i, character in enumerate(text))
    assert [chunk.ordinal for chunk in chunks] == list(range(len(chunks)))
    assert [chunk.start for chunk in chunks] == sorted(chunk.start for chunk in chunks)


@pytest.mark.parametrize("strategy", ["markdown", "recursive", "sentences", "rows"])
@given(text=messy)
@settings(max_examples=25)
def test_no_chunk_is_longer_than_the_limit(strategy: Strategy, text: str) -> None:
    for piece in texts(document(text), SplitOptions(strategy=strategy, tokens=40)):
        assert estimated_tokens(piece) <= 41  # a separator kept by LangChain may come on top


def test_a_text_without_words_has_no_chunks() -> None:
    assert split(document(""), SplitOptions()) == []
    assert split(document(" \n\n\t "), SplitOptions()) == []


def test_headings_are_borders_and_their_titles_the_path() -> None:
    first = "# Returns\n" + " ".join(sentence(i) for i in range(6))
    second = "## Refunds\n" + " ".join(sentence(i) for i in range(6))
    text = f"{first}\n\n{second}"
    headings = (Heading(0, 1, "Returns"), Heading(text.index("## Refunds"), 2, "Refunds"))

    chunks = split(document(text, headings=headings), SplitOptions())

    assert [chunk.heading_path for chunk in chunks] == [("Returns",), ("Returns", "Refunds")]
    assert [text[chunk.start : chunk.end] for chunk in chunks] == [first, second]


def test_small_sections_join_under_what_they_share() -> None:
    text = "# Contact\n\n## Mail\nmail@example.org\n\n## Phone\n555 100\n"
    headings = tuple(
        Heading(text.index(title), level, title.strip("# "))
        for title, level in (("# Contact", 1), ("## Mail", 2), ("## Phone", 2))
    )

    chunks = split(document(text, headings=headings), SplitOptions())

    assert len(chunks) == 1
    assert chunks[0].heading_path == ("Contact",)


def test_pages_are_borders_and_numbered() -> None:
    text = "Page one. It is short.\nPage two. It is short too."
    chunks = split(document(text, pages=(0, 23)), SplitOptions())

    assert [(chunk.page, text[chunk.start : chunk.end][:8]) for chunk in chunks] == [
        (1, "Page one"),
        (2, "Page two"),
    ]


def test_a_section_is_cut_at_paragraphs_into_parts_of_like_size() -> None:
    paragraphs = [" ".join(sentence(10 * i + j) for j in range(4)) for i in range(6)]

    pieces = texts(document("\n\n".join(paragraphs)), SplitOptions(tokens=130))

    assert pieces == ["\n\n".join(paragraphs[i : i + 2]) for i in (0, 2, 4)]


def test_a_long_paragraph_is_cut_at_sentence_ends() -> None:
    pieces = texts(document(" ".join(sentence(i) for i in range(40))), SplitOptions())

    assert len(pieces) > 1
    assert all(piece.startswith("Sentence number") and piece.endswith("country.") for piece in pieces)


def test_table_rows_stay_whole() -> None:
    rows = [f"| item {i} | {i * 3} euros | {sentence(i)} |" for i in range(30)]
    text = "\n".join(rows)

    for piece in texts(document(text, key="t.csv", media_type="text/csv"), SplitOptions()):
        assert set(piece.splitlines()) <= set(rows)


def test_code_is_cut_at_functions() -> None:
    functions = [
        f"def function_{i}(value):\n" + "".join(f"    value = value + {j} * factor_{j}\n" for j in range(9))
        for i in range(6)
    ]

    pieces = texts(document("\n".join(functions), key="src/maths.py"), SplitOptions(tokens=100))

    assert len(pieces) == 6
    assert all(piece.startswith("def function_") for piece in pieces)


def test_a_jsonl_line_whose_id_is_a_source_file_is_code() -> None:
    text = "function one() {\n  return 1;\n}\n\nfunction two() {\n  return 2;\n}\n" * 12

    pieces = texts(
        document(text, key="export.jsonl#src/app.js", media_type="text/plain"), SplitOptions(tokens=60)
    )

    assert sum(piece.startswith("function ") for piece in pieces) == len(pieces)


@pytest.mark.parametrize("strategy", ["sentences", "recursive"])
def test_windows_share_their_overlap_in_whole_sentences(strategy: Strategy) -> None:
    text = " ".join(sentence(i) for i in range(40))
    chunks = split(document(text), SplitOptions(strategy=strategy, tokens=100, overlap=30))

    for before, after in pairwise(chunks):
        assert after.start < before.end
        assert text[after.start : before.end].startswith("Sentence number")
        assert estimated_tokens(text[after.start : before.end]) <= 30


@pytest.mark.parametrize("options", [{"tokens": 5}, {"tokens": 100, "overlap": 100}, {"overlap": -1}])
def test_impossible_options_are_refused(options: dict[str, int]) -> None:
    with pytest.raises(UsageError, match="tokens"):
        SplitOptions(**options)


def test_a_rule_splits_the_documents_that_it_matches_otherwise() -> None:
    lines = "\n".join(f"row {i} has a value of its own" for i in range(30))
    options = split_options("auto, logs/*=rows", tokens=40)

    inside = texts(document(lines, key="logs/2024/app.txt"), options)
    outside = texts(document(lines, key="notes/app.txt"), options)

    assert inside == texts(document(lines), SplitOptions(strategy="rows", tokens=40))
    assert outside == texts(document(lines), SplitOptions(tokens=40))
    assert inside != outside


def test_a_rule_on_a_jsonl_file_is_one_on_its_lines() -> None:
    options = split_options("auto, *.jsonl=rows, *.md=sentences")
    assert strategy_for(document("a", key="help/faq.jsonl#17"), options) == "rows"
    assert strategy_for(document("a", key="help/faq.jsonl#notes.md"), options) == "rows"
    assert strategy_for(document("a", key="help/faq.jsonl.md"), options) == "sentences"


def test_the_first_rule_that_matches_decides() -> None:
    assert split_options("sentences, faq/*=markdown, *.md=recursive") == SplitOptions(
        strategy="sentences", rules=(SplitRule("faq/*", "markdown"), SplitRule("*.md", "recursive"))
    )
    text = " ".join(sentence(i) for i in range(12))
    made = document(text, key="faq/a.md")

    assert texts(made, split_options("faq/*=markdown, *.md=recursive", tokens=60)) == texts(
        made, SplitOptions(strategy="markdown", tokens=60)
    )


@pytest.mark.parametrize("text", ["paragraphs", "auto, *.md=", "=rows"])
def test_a_way_of_splitting_that_does_not_exist_is_refused_with_those_that_do(text: str) -> None:
    with pytest.raises(UsageError, match=r"way of splitting"):
        split_options(text)


def test_an_unknown_programming_language_is_named() -> None:
    with pytest.raises(UsageError, match="klingon"):
        split(document("a b c"), SplitOptions(strategy="code", language="klingon"))


def test_length_is_near_that_of_the_shipped_tokenizer() -> None:
    from tokenizers import Tokenizer

    from ragchat.models.minilm import DIRECTORY

    tokenizer = Tokenizer.from_file(str(DIRECTORY / "tokenizer.json"))
    text = (
        " ".join(sentence(i) for i in range(40))
        + "\nfor item in self._items: total += item.price * 1.19\n" * 10
    )

    assert estimated_tokens(text) == pytest.approx(
        len(tokenizer.encode(text, add_special_tokens=False).ids), rel=0.15
    )
    assert estimated_tokens("東京都の天気") == 6
