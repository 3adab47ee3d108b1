"""Texts of records that are something else inside: a page's markup is read as what it shows, a file's bytes are left
out."""

import re
from typing import Final

from ingest.extract.assembly.building import TextBuilder
from ingest.extract.html import extract_fragment

_MARKUP: Final = re.compile(
    r"</(?:p|div|ul|ol|li|table|h[1-6]|b|strong|em|i|a|span|blockquote|pre)>|<br\s?/?>", re.IGNORECASE
)
_BYTES: Final = re.compile(r"data:[\w/+.-]{3,60};base64,[A-Za-z0-9+/=\s]{200,}")
LONGEST_MARKUP: Final = 1_000_000


def readable(text: str) -> str:
    """The text as a reader sees it."""
    if text.startswith("data:") and _BYTES.fullmatch(text):
        return ""
    if "<" not in text or len(text) > LONGEST_MARKUP or not _MARKUP.search(text):
        return text
    if not text.lstrip().startswith("<") and text.count("<") < 2:
        return text
    builder = TextBuilder()
    extract_fragment(text, builder)
    return builder.text or text
