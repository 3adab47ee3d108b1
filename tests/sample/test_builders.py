"""The generated files of the sample are what their builders make of the committed texts."""

from importlib.metadata import version
from io import BytesIO
from pathlib import Path

import build_corpus
import build_sample_questions
import docx
import pytest
from corpus_blocks import Grid, Prose, Run, Title, read_blocks

from ingest.extract import extract

INSTALLED = {name: version(name) for name in build_corpus.BUILT_WITH}


@pytest.mark.skipif(
    build_corpus.BUILT_WITH != INSTALLED,
    reason=f"the committed files were written by {build_corpus.BUILT_WITH}, installed are {INSTALLED}",
)
@pytest.mark.parametrize("name", build_corpus.TARGETS)
def test_committed_file_is_reproduced_byte_for_byte(name: str) -> None:
    committed = (build_corpus.CORPUS / build_corpus.TARGETS[name]).read_bytes()
    assert build_corpus.build(name) == committed


@pytest.mark.parametrize("name", build_corpus.TARGETS)
def test_every_paragraph_of_the_source_is_in_the_built_file(name: str) -> None:
    target = build_corpus.TARGETS[name]
    text = "".join(extract(build_corpus.build(name), target).text.split())
    blocks = read_blocks((build_corpus.TEXTS / name).read_text("utf-8"))
    prose = ["".join(run.text for run in block.line) for block in blocks if isinstance(block, Prose)]
    # two of a page's paragraphs may be torn apart by a page end, never more
    assert sum("".join(words.split()) not in text for words in prose) <= len(prose) // 20


def test_check_finds_a_changed_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert build_corpus.main(["--out", str(tmp_path)]) == 0
    assert build_corpus.main(["--out", str(tmp_path), "--check"]) == 0
    (tmp_path / "policies/procurement-policy.docx").write_bytes(b"old")
    assert build_corpus.main(["--out", str(tmp_path), "--check"]) == 1
    assert "procurement-policy.docx: differs" in capsys.readouterr().out


def test_blocks_keep_headings_lists_tables_and_bold_words() -> None:
    blocks = read_blocks("# A\n\nOne **two**.\n\n1. x\n2. y\n\n| h | i |\n| - | - |\n| 1 | 2 |\n")
    assert blocks[0] == Title(1, "A")
    assert blocks[1] == Prose((Run("One "), Run("two", bold=True), Run(".")))
    assert [block.number for block in blocks if isinstance(block, Prose)] == [0, 1, 2]
    assert blocks[-1] == Grid((((Run("h"),), (Run("i"),)), ((Run("1"),), (Run("2"),))))


def test_markdown_that_the_builder_would_lose_is_an_error() -> None:
    with pytest.raises(ValueError, match="fence"):
        read_blocks("```\ncode\n```\n")


def test_docx_tables_are_real_tables() -> None:
    document = docx.Document(BytesIO(build_corpus.build("procurement-policy.md")))
    assert document.tables[0].rows[1].cells[0].text == "up to EUR 500"


def test_questions_are_what_the_builder_makes_of_the_quotes() -> None:
    assert build_sample_questions.OUTPUT.read_text("utf-8") == build_sample_questions.build()


def test_quote_is_found_across_line_ends_table_bars_and_gaps() -> None:
    text = "Price list\n| KW-1 | Logger |\n| --- | --- |\n| KW-2 | **Big** gateway | 390 |\n"
    span = build_sample_questions.find(text, "KW-2 Big gateway … 390")
    assert span.of(text) == "KW-2 | **Big** gateway | 390"


@pytest.mark.parametrize(
    ("quote", "complaint"),
    [("no such words", "nowhere"), ("KW", "more than once"), ("one … nine", "not near")],
)
def test_quote_that_is_not_in_one_place_is_named(quote: str, complaint: str) -> None:
    with pytest.raises(build_sample_questions.QuoteNotFound, match=complaint):
        build_sample_questions.find("KW-1 one, KW-2 two", quote)
