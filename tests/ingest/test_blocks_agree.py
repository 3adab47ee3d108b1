"""One document, written as a page, as Markdown and as reStructuredText, has the same blocks under the same headings."""

from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import Literal, TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.extract import extract
from ragchat.documents import heading_path
from ragchat.documents.blocks import check_blocks

Kind: TypeAlias = Literal[
    "heading1", "heading2", "paragraph", "list", "steps", "table", "code", "quotation", "note", "panel"
]


@dataclass(frozen=True)
class Part:
    """A piece of a document; `words` are its paragraphs, items or cells."""

    kind: Kind
    words: tuple[str, ...]


def page(parts: list[Part]) -> str:
    write: dict[Kind, Callable[[tuple[str, ...]], str]] = {
        "heading1": lambda w: f"<h1>{w[0]}</h1>",
        "heading2": lambda w: f"<h2>{w[0]}</h2>",
        "paragraph": lambda w: f"<p>{w[0]}.</p>",
        "list": lambda w: "<ul>" + "".join(f"<li>{one}</li>" for one in w) + "</ul>",
        "steps": lambda w: "<ol>" + "".join(f"<li>{one}</li>" for one in w) + "</ol>",
        "table": lambda w: (
            "<table><tr><th>Name</th><th>Word</th></tr>"
            + "".join(f"<tr><td>{one}</td><td>x</td></tr>" for one in w)
            + "</table>"
        ),
        "code": lambda w: f"<pre>{escape(w[0])} = 1</pre>",
        "quotation": lambda w: f"<blockquote><p>{w[0]}.</p></blockquote>",
        "note": lambda w: f"<div class='admonition note'><p>Note: {w[0]}.</p></div>",
        "panel": lambda w: f"<details><summary>{w[0]}</summary><p>{w[-1]}.</p></details>",
    }
    return (
        "<html><body><main>"
        + "".join(write[part.kind](part.words) for part in parts)
        + "</main></body></html>"
    )


def markdown(parts: list[Part]) -> str:
    write: dict[Kind, Callable[[tuple[str, ...]], str]] = {
        "heading1": lambda w: f"# {w[0]}",
        "heading2": lambda w: f"## {w[0]}",
        "paragraph": lambda w: f"{w[0]}.",
        "list": lambda w: "\n".join(f"- {one}" for one in w),
        "steps": lambda w: "\n".join(f"{n}. {one}" for n, one in enumerate(w, 1)),
        "table": lambda w: "| Name | Word |\n|---|---|\n" + "\n".join(f"| {one} | x |" for one in w),
        "code": lambda w: f"```\n{w[0]} = 1\n```",
        "quotation": lambda w: f"> {w[0]}.",
        "note": lambda w: f"> Note: {w[0]}.",
        "panel": lambda w: f"<details><summary>{w[0]}</summary>\n\n{w[-1]}.\n\n</details>",
    }
    return "\n\n<!-- -->\n\n".join(write[part.kind](part.words) for part in parts)


def restructured(parts: list[Part]) -> str:
    write: dict[Kind, Callable[[tuple[str, ...]], str]] = {
        "heading1": lambda w: f"{w[0]}\n{'=' * (len(w[0]) + 1)}",
        "heading2": lambda w: f"{w[0]}\n{'-' * (len(w[0]) + 1)}",
        "paragraph": lambda w: f"{w[0]}.",
        "list": lambda w: "\n".join(f"* {one}" for one in w),
        "steps": lambda w: "\n".join(f"{n}. {one}" for n, one in enumerate(w, 1)),
        "table": lambda w: (
            "=========== ====\nName        Word\n=========== ====\n"
            + "\n".join(f"{one:11} x" for one in w)
            + "\n=========== ===="
        ),
        "code": lambda w: f".. code::\n\n   {w[0]} = 1",
        "quotation": lambda w: f".. epigraph::\n\n   {w[0]}.",
        "note": lambda w: f".. note:: {w[0]}.",
        "panel": lambda w: f".. dropdown:: {w[0]}\n\n   {w[-1]}.",
    }
    return "\n\n.. \n\n".join(write[part.kind](part.words) for part in parts)


def read(source: str, name: str) -> list[tuple[str, str, str, tuple[str, ...]]]:
    """Of each block that holds no others: kind, words, what it is read after, and the headings that it stands under."""
    extracted = extract(source.encode(), name)
    check_blocks(extracted.blocks, extracted.text)
    found = []
    for index, block in enumerate(extracted.blocks):
        if any(other.parent == index for other in extracted.blocks) and block.kind != "heading":
            continue
        lead = (
            block.lead.of(extracted.text)
            if block.lead is not None and block.kind in ("row", "answer")
            else ""
        )
        words = block.span.of(extracted.text).strip("#> -*`.1234567890\n").replace("**", "")
        path = heading_path(extracted.headings, block.span.start)
        found.append((block.kind, " ".join(words.split("\n")[0].split()), lead.split("\n")[0], path))
    return found


@st.composite
def documents(draw: st.DrawFn) -> list[Part]:
    kinds: list[Kind] = [
        "heading2",
        "paragraph",
        "list",
        "steps",
        "table",
        "code",
        "quotation",
        "note",
        "panel",
    ]
    parts = [Part("heading1", ("Start",)), Part("heading2", ("Second",))]
    for number in range(draw(st.integers(1, 9))):
        kind = draw(st.sampled_from(kinds))
        size = draw(st.integers(2, 4)) if kind in ("list", "steps", "table", "panel") else 1
        parts.append(Part(kind, tuple(f"word{number}n{place}" for place in "abcd"[:size])))
    return parts


@pytest.mark.parametrize(("write", "name"), [(markdown, "a.md"), (restructured, "a.rst")])
@given(parts=documents())
@settings(max_examples=80)
def test_the_same_document_has_the_same_blocks(
    write: Callable[[list[Part]], str], name: str, parts: list[Part]
) -> None:
    assert read(write(parts), name) == read(page(parts), "a.html")
