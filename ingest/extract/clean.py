"""Characters: what every extractor's text goes through before it becomes canonical text.

NFC, "\\n" line ends, no controls, lone surrogates, soft hyphens or invisible junk, no trailing blanks, at most one
blank line in a row. Spans count code points of the result, so nothing may clean the text again afterwards.
"""

import re
import unicodedata

from ingest.extract.unseen import watch_characters

_BREAKS = re.compile("\r\n?|\x0b|\x0c|\x85|\u2028|\u2029")
_JUNK = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f"
    "\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)
"""Controls, soft hyphen, zero-width space and joiners of words, directional marks, byte order marks, tags.

Kept: ZWJ and ZWNJ (U+200C/D), which spell words in Persian and Indic scripts and build emoji. Directional controls
go because they can make a quote look like another one (CVE-2021-42574); the text itself still displays right.
"""
_SPACES = re.compile("[\xa0\u2000-\u200a\u202f\u205f]")
_BLANK_RUNS = re.compile(r"\n{3,}")
_WHITE = re.compile(r"\s+")
MOST_BLANKS = 1_000
"""Blanks in a row that a text keeps: no table is wider, and a file of nothing else is read as what stands in it."""
_WIDE_GAP = re.compile(rf"(?<![ \t])[ \t]{{{MOST_BLANKS + 1},}}")


def clean(text: str) -> str:
    """Canonical characters; the ends are stripped of blank lines and trailing space."""
    text = clean_characters(text)
    if " \n" in text or "\t\n" in text:
        text = "\n".join(line.rstrip(" \t") for line in text.split("\n"))
    if "  " in text or "\t" in text:
        text = _WIDE_GAP.sub(lambda gap: gap[0][:MOST_BLANKS], text)
    text = _BLANK_RUNS.sub("\n\n", text)
    return text.lstrip("\n").rstrip(" \t\n")


def clean_characters(text: str) -> str:
    """As `clean`, but lines and blanks stay as they are."""
    if text.isascii() and text.isprintable():
        return text
    watch_characters(text)
    text = _BREAKS.sub("\n", text)
    text = _JUNK.sub("", text)
    text = _SPACES.sub(" ", text)
    return unicodedata.normalize("NFC", text)


def one_line(text: str) -> str:
    """A title, name or cell: clean, with every run of white space as one blank."""
    return _WHITE.sub(" ", clean_characters(text)).strip()


def humanised(name: str) -> str:
    """A file name as a title: "how-we_work.md" gives "How we work"."""
    stem = name.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]
    stem = stem.rsplit(".", 1)[0] if "." in stem.strip(".") else stem
    words = one_line(re.sub(r"[-_+]+", " ", stem))
    return words[:1].upper() + words[1:] or "Untitled"
