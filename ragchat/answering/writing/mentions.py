"""Sources that a model names in words: "(Source 1)", "(Quellen 2 und 3)". The words are those of every language's
table."""

import re
from functools import cache
from typing import Final

from ragchat.language.language import Language
from ragchat.language.tables import languages

LONGEST_MENTION: Final = 40
"""Code points in the parentheses."""


def source_words() -> frozenset[str]:
    """Words for a source, in lower case."""
    return _words_of(tuple(languages().values()))


@cache
def _words_of(known: tuple[Language, ...]) -> frozenset[str]:
    return frozenset[str]().union(*(language.writing.source for language in known))


def mentioned(text: str) -> str | None:
    """The numbers of "Source 1, 2 and 3" as "1, 2, 3"; None where it says anything else."""
    words = re.findall(r"[^\W\d_]+", text.lower())
    if not words or words[0] not in source_words():
        return None
    joining = frozenset[str]().union(*(language.numbers.ranges for language in languages().values()))
    if any(word not in source_words() and word not in joining for word in words):
        return None
    return re.sub(r"[^\W\d_]+", ",", text).strip(" ,.:")
