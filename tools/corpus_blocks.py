"""The small document model of tools/build_corpus.py: titles, prose, lists and tables, read from Markdown.

How the blocks become PDF or DOCX is in corpus_pdf and corpus_word. Markdown beyond that subset is an error, so that
nothing of a text is silently lost.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from markdown_it import MarkdownIt
from markdown_it.token import Token


@dataclass(frozen=True, slots=True)
class Run:
    """Words of one weight and slope."""

    text: str
    bold: bool = False
    italic: bool = False


Line: TypeAlias = tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Title:
    """A heading; level 1 is the title of the document."""

    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Prose:
    """A paragraph, or one item of a list; `number` is set in ordered lists."""

    line: Line
    kind: Literal["paragraph", "bullet", "numbered"] = "paragraph"
    number: int = 0


@dataclass(frozen=True, slots=True)
class Grid:
    """A table; the first row is its header."""

    rows: tuple[tuple[Line, ...], ...]


Block: TypeAlias = Title | Prose | Grid


def read_blocks(markdown: str) -> list[Block]:
    """Headings, paragraphs, flat lists and tables of a Markdown text; anything else is a ValueError."""
    tokens = MarkdownIt("commonmark").enable("table").parse(markdown)
    return list(_blocks(tokens))


def _blocks(tokens: Sequence[Token]) -> Iterator[Block]:
    lists: list[int | None] = []
    rows: list[list[Line]] = []
    heading = 0
    for token in tokens:
        match token.type:
            case "heading_open":
                heading = int(token.tag[1:])
            case "bullet_list_open":
                lists.append(None)
            case "ordered_list_open":
                lists.append(0)
            case "bullet_list_close" | "ordered_list_close":
                lists.pop()
            case "list_item_open":
                count = lists[-1]
                lists[-1] = None if count is None else count + 1
            case "tr_open":
                rows.append([])
            case "table_close":
                yield Grid(tuple(map(tuple, rows)))
                rows = []
            case "inline" if rows:
                rows[-1].append(_line(token))
            case "inline" if heading:
                yield Title(heading, token.content)
                heading = 0
            case "inline":
                yield _prose(_line(token), lists)
            case _ if token.type.endswith(("_open", "_close")):
                pass
            case _:
                raise ValueError(
                    f"{token.type} at line {token.map}: this builder knows prose, lists and tables."
                )


def _prose(line: Line, lists: Sequence[int | None]) -> Prose:
    if not lists:
        return Prose(line)
    count = lists[-1]
    return Prose(line, "bullet") if count is None else Prose(line, "numbered", count)


def _line(token: Token) -> Line:
    runs: list[Run] = []
    bold = italic = False
    for child in token.children or ():
        match child.type:
            case "strong_open" | "strong_close":
                bold = child.type.endswith("open")
            case "em_open" | "em_close":
                italic = child.type.endswith("open")
            case "softbreak":
                runs.append(Run(" "))
            case _:
                runs.append(Run(child.content, bold, italic))
    return tuple(runs)


def title_of(blocks: Sequence[Block]) -> str:
    """The first heading."""
    return next(block.text for block in blocks if isinstance(block, Title))


def plain(line: Line) -> str:
    """The words without their looks."""
    return "".join(run.text for run in line)
