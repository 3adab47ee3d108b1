"""Every extractor keeps the promise of blocks, on real files and on whatever hypothesis writes."""

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.extract import Extracted, extract
from ingest.extract.markdown.blocks import markdown_blocks
from ingest.extract.markdown.parser import Flavour
from ingest.extract.worker import ExtractionWorker, Limits
from ingest.sources import scan
from ragchat.documents.blocks import check_blocks
from ragchat.errors import DocumentFailed

REPOSITORY = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("RAGCHAT_EVAL_DIR", REPOSITORY.parent / "shared" / "eval")).parent
FOLDERS = {
    "sample": REPOSITORY / "corpus",
    "evaluation files": SHARED / "eval" / "files",
    "small inputs": SHARED / "ingest" / "dev" / "files",
}


def keeps_its_promise(extracted: Extracted) -> None:
    """Blocks are sound, and headings are those that a reader sees at their place."""
    check_blocks(extracted.blocks, extracted.text)
    starts = {block.span.start for block in extracted.blocks}
    for heading in extracted.headings:
        line = extracted.text[heading.offset : heading.offset + 400].split("\n")[0]
        indent = len(line) - len(line.lstrip())
        assert heading.offset + indent in starts or line.lstrip().startswith("<"), heading
    assert all(0 <= page <= len(extracted.text) for page in extracted.pages)


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_blocks_of_every_real_file_are_sound(folder: str) -> None:
    root = FOLDERS[folder]
    if not root.is_dir():
        pytest.skip(f"no files at {root}")
    read = 0
    with ExtractionWorker(Limits(seconds=30)) as worker:
        for file in scan(root):
            try:
                extracted = worker.extract(file.path)
            except DocumentFailed:
                continue
            keeps_its_promise(extracted)
            read += bool(extracted.text)
    assert read > 10


MARKDOWN = [
    "# ", "a", "Word. ", "\n", "\n\n", "- ", "1. ", "> ", "    ", "```", "```{note} x\n", "| a | b |\n", "|---|---|\n",
    "!!! note\n", '=== "T"\n', ":::tip x\n", ":::\n", ": d\n", "[^1]: ", "[x]: /u\n", "<div>", "</div>\n", "<!-- ",
    "-->", "---\n", "===\n", "Q: a?\n", "A: b\n", "Key: v\n", "**Why?**\n", "é", "\t", "~~~\n", "<details>\n",
    "<summary>s</summary>\n", "&nbsp;", "<table><tr><td>x</td></tr></table>\n",
]  # fmt: skip
HTML = [
    "<p>", "</p>", "word ", "Why? ", "<ul>", "</ul>", "<ol>", "</ol>", "<li>", "</li>", "<table>", "</table>", "<tr>",
    "<td>", "<th>", "<td colspan=2 rowspan=3>", "<dl>", "</dl>", "<dt>", "<dd>", "<details>", "<summary>", "</details>",
    "<h2>", "</h2>", "<pre>", "</pre>", "<code>", "</code>", "<blockquote>", "</blockquote>", "<br>", "<sup>1</sup>",
    "<sub>2</sub>", "<s>", "</s>", "<a href='/u'>", "</a>", "<div>", "</div>", "<aside>", "</aside>", "<figure>",
    "<figcaption>", "<img alt='pic'>", "<caption>c</caption>", "&nbsp;", "Key: v<br>", "<button>", "</button>", "\n",
    "<math><mfrac><mn>1</mn><mn>2</mn></mfrac></math>", "<input value=v>", "<label>", "<div hidden>", "<summary>",
]  # fmt: skip
markdown = st.lists(st.sampled_from(MARKDOWN), max_size=40).map("".join)
html = st.lists(st.sampled_from(HTML), max_size=40).map("".join)


@given(text=markdown, flavour=st.sampled_from(["markdown", "loose", "plain"]))
@settings(max_examples=300)
def test_the_blocks_of_any_markdown_are_sound(text: str, flavour: Flavour) -> None:
    check_blocks(markdown_blocks(text, flavour), text)


@pytest.mark.parametrize("name", ["page.html", "page.md", "page.rst", "page.txt"])
@given(text=html)
@settings(max_examples=150)
def test_the_blocks_of_any_page_are_sound(name: str, text: str) -> None:
    keeps_its_promise(extract(f"<html>{text}".encode() if name.endswith("html") else text.encode(), name))
