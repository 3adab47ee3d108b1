"""What the lines of PDF pages mean: furniture, hyphenation, paragraphs. Plain strings in and out, no engine here.

A PDF holds lines, not paragraphs; a reader's eye joins them. The rules lean to keeping a line end where in doubt:
a table row glued to the next one is worse than a sentence with a line end inside.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Container, Iterator, Sequence
from typing import Final

from ingest.extract.clean import clean_characters

EDGE_LINES: Final = 3
"""Lines at the top and bottom of a page that may be running headers and footers."""
FURNITURE_SHARE: Final = 0.4
"""On this share of the pages (headers alternate between left and right pages), and on at least three."""

_PRESENTATION: Final = re.compile("[\ufb00-\ufb4f\ufb50-\ufdff\ufe70-\ufefe]+")
_DIGITS: Final = re.compile(r"\d+")
PAGE_NUMBER: Final = re.compile(
    r"(page|seite|p\.?)?\W*(\d+|[ivxlc]+)\W*((of|von|/|de)\W*\d+)?", re.IGNORECASE
)
ITEM: Final = re.compile(r"\s*(?:[•◦▪‣●○■–—*·-]|\(?\d{1,3}[.)]|\(?[a-zA-Z][.)])\s+\S|\s*[•◦▪‣●○■]")
FINISHED: Final = re.compile(r"[.!?:。！？؟।][\"'”’)\]]*$")
HYPHEN: Final = re.compile(r"(?<!\w)(\w+)[-\u2010\u2011]$")
WORD: Final = re.compile(r"\w+(?:[-\u2010\u2011]\w+)*")
_HEADS: Final = (
    "self non well high low long short part full half cross multi third first second one two all real end"
)
_COMPOUND_HEADS: Final = frozenset(_HEADS.split())
"""First parts that keep their hyphen when nothing else in the document tells."""


def page_lines(raw: str) -> list[str]:
    """A page's lines with clean characters, presentation forms (ﬁ, Arabic shapes) spelled out."""
    text = _PRESENTATION.sub(lambda match: unicodedata.normalize("NFKC", match[0]), clean_characters(raw))
    return [re.sub(r"[ \t]+", " ", line).strip() for line in text.split("\n")]


def without_furniture(pages: Sequence[list[str]]) -> list[list[str]]:
    """Pages without running headers, footers and page numbers; the first time a line of words appears it stays.

    Nothing is removed where that would take a quarter of the characters: such pages are alike for another reason.
    """
    edges = [_edges(page, number) for number, page in enumerate(pages)]
    counts = Counter(key for page in edges for keys in page.values() for key in keys)
    least = max(3, FURNITURE_SHARE * len(pages))
    seen: set[str] = set()
    kept: list[list[str]] = []
    for page, keys_of in zip(pages, edges, strict=True):
        lines = []
        for index, line in enumerate(page):
            repeated = {key for key in keys_of.get(index, ()) if counts[key] >= least}
            if not repeated or (not repeated & seen and not PAGE_NUMBER.fullmatch(line)):
                lines.append(line)
            seen |= repeated
        kept.append(lines)
    return kept if _size(kept) * 4 >= _size(pages) * 3 else [list(page) for page in pages]


def _size(pages: Sequence[Sequence[str]]) -> int:
    return sum(len(line) for page in pages for line in page)


def _edges(page: Sequence[str], number: int) -> dict[int, frozenset[str]]:
    """Index of each edge line to the keys under which it may repeat on other pages at the same edge."""
    filled = [index for index, line in enumerate(page) if line]
    if len(filled) < 2 * EDGE_LINES:
        top, bottom = filled[:1], filled[1:][-1:]
    else:
        top, bottom = filled[:EDGE_LINES], filled[-EDGE_LINES:]
    keys = {index: _keys("^", page[index], number) for index in top}
    return keys | {index: _keys("$", page[index], number) for index in bottom}


def _keys(edge: str, line: str, number: int) -> frozenset[str]:
    """The line itself, and with its first or last number told relative to the page's: "Page 4 of 9" on page 4.

    Relative, so that "Chapter 3" and "Table 7" at the top of pages are not taken for page numbers.
    """
    return line_keys(edge, line, number)


def line_keys(place: str, line: str, number: int) -> frozenset[str]:
    """What a line at a place is called on each page, if it runs through the document; see `_keys`."""
    keys = {place + line}
    numbers = list(_DIGITS.finditer(line))
    for match in numbers[:12]:
        keys.add(f"{place}{line[: match.start()]}#{int(match[0][:9]) - number}#{line[match.end() :]}")
    return frozenset(keys)


def words_of(pages: Sequence[Sequence[str]]) -> frozenset[str]:
    """The document's words in lower case, hyphenated ones whole: they decide what a hyphen at a line end is."""
    return frozenset(word.lower() for page in pages for line in page for word in WORD.findall(line))


def paragraphs(lines: Sequence[str], words: Container[str]) -> Iterator[tuple[str, str]]:
    """(gap before it, text) of each paragraph: "\\n\\n" between paragraphs, "\\n" between rows and items."""
    width = _body_width(lines)
    current, previous, gap = "", "", "\n\n"
    for line in lines:
        if not line:
            if current:
                yield gap, current
            current, gap = "", "\n\n"
            continue
        if current and _continues(previous, line, width):
            current = join_lines(current, line, words)
        else:
            if current:
                yield gap, current
                gap = "\n\n" if _paragraph_ends(previous, line, width) else "\n"
            current = line
        previous = line
    if current:
        yield gap, current


def _body_width(lines: Sequence[str]) -> int:
    """How long a full line is: the length that a quarter of the page's characters' lines reach."""
    lengths = sorted((len(line) for line in lines if line), reverse=True)
    reach, total = 0, sum(lengths)
    for length in lengths:
        reach += length
        if reach * 4 >= total:
            return length
    return 0


def _continues(previous: str, line: str, width: int) -> bool:
    """Whether `line` goes on where `previous` was wrapped."""
    if ITEM.match(line):
        return False
    if HYPHEN.search(previous) and line[:1].islower():
        return True
    wide = _is_wide(previous[-1:])
    if len(previous) < (10 if wide else 20):
        return False
    if FINISHED.search(previous):
        return len(previous) >= 0.9 * width and width >= (20 if wide else 40)
    if len(previous) >= 0.75 * width:
        return width >= (15 if wide else 30)
    return line[:1].islower() and len(previous) >= 0.5 * width and previous.count(" ") >= 3


def _paragraph_ends(previous: str, line: str, width: int) -> bool:
    """Whether a kept line end parts paragraphs: a finished short line, or prose after something else."""
    if ITEM.match(line):
        return bool(FINISHED.search(previous)) and not ITEM.match(previous)
    return bool(FINISHED.search(previous)) or len(line) >= 0.75 * width >= 30


def join_lines(current: str, line: str, words: Container[str]) -> str:
    """Two lines of a paragraph as one: a blank between them, or none where a word or a script has none."""
    if (match := HYPHEN.search(current)) and line[:1].islower():
        following = WORD.match(line)
        left, right = match[1], following[0] if following else ""
        return current[:-1] + ("-" if _keeps_hyphen(left.lower(), right.lower(), words) else "") + line
    if _is_cjk(current[-1:]) and _is_cjk(line[:1]):
        return current + line
    return f"{current} {line}"


def _keeps_hyphen(left: str, right: str, words: Container[str]) -> bool:
    """The document's own spelling decides; without one, "self-", "non-" and the like keep it."""
    if left + right in words:
        return False
    return f"{left}-{right}" in words or left in _COMPOUND_HEADS or left.isdigit()


def _is_cjk(character: str) -> bool:
    """Scripts that are written without blanks (Hangul is not one of them)."""
    return bool(character) and ("\u2e80" <= character <= "\u9fff" or "\uff00" <= character <= "\uffef")


def _is_wide(character: str) -> bool:
    """Scripts whose signs take the place of two letters: a full line has half as many."""
    return _is_cjk(character) or "\uac00" <= character <= "\ud7a3"
