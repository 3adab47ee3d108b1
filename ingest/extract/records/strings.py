"""Texts of records that are something else inside: a page's markup is read as what it shows, a file's bytes are left
out."""

import re
from html import unescape
from typing import Final

from ingest.extract.assembly.building import TextBuilder
from ingest.extract.html import extract_fragment

_MARKUP: Final = re.compile(
    r"</(?:p|div|ul|ol|li|table|h[1-6]|b|strong|em|i|a|span|blockquote|pre)>|<br\s?/?>", re.IGNORECASE
)
_BYTES: Final = re.compile(r"data:[\w/+.-]{3,60};base64,[A-Za-z0-9+/=\s]{200,}")
_TAG: Final = re.compile(r"<(/?)([A-Za-z][\w-]*)(?:\s[^<>]{0,2000})?/?>")
_PLAIN: Final = frozenset({"b", "strong", "i", "em", "u", "span", "small", "br", "font"})
"""Elements whose words are all that they say."""
LONGEST_MARKUP: Final = 1_000_000


def readable(text: str) -> str:
    """The text as a reader sees it."""
    if text.startswith("data:") and _BYTES.fullmatch(text):
        return ""
    if "<" not in text or len(text) > LONGEST_MARKUP or not _MARKUP.search(text):
        return text
    if not text.lstrip().startswith("<") and text.count("<") < 2:
        return text
    if all(tag[2].lower() in _PLAIN and "style" not in tag[0] for tag in _TAG.finditer(text)):
        return unescape(_TAG.sub(lambda tag: "\n" if tag[2].lower() == "br" else "", text))
    builder = TextBuilder()
    extract_fragment(text, builder)
    return builder.text or text
