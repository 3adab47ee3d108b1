"""What words a chunk is found by, in which fields, and what a word is worth: the same in every store.

A chunk has three fields of analysed words (`ragchat.language.analysis`, in the collection's language): its title with
what the path adds, its headings, its text. The score of a chunk is the sum over terms and fields of the term's weight,
the field's boost and BM25 (k1 1.2, b .75) within that field.
"""

import math
import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Final

FIELD_BOOSTS: Final[Mapping[str, float]] = {"title": 0.5, "headings": 0.5, "body": 1.0}
"""Short fields score high by themselves: with 2 and 1.5 a word in the title beat a passage that answers."""
MOST_TERMS: Final = 512
"""Of a search with more terms the heaviest are looked up."""

_BETWEEN: Final = re.compile(r"[/_\s.-]+")


def title_words(title: str, key: str) -> str:
    """The title, and what the path of a file adds to it: whose report, of which year, the name of a module.

    The key of a line in a file (`faq.jsonl#17`) is a number more often than a name and adds nothing.
    """
    if "#" in key:
        return title
    known = title.lower()
    parts = _BETWEEN.split(str(PurePosixPath(key).with_suffix("")))
    return " ".join([title, *(part for part in parts if part and part.lower() not in known)])


def heaviest(weights: Mapping[str, float]) -> list[tuple[str, float]]:
    """The terms that are looked up, ties by the term."""
    return sorted(weights.items(), key=lambda item: (-item[1], item[0]))[:MOST_TERMS]


def idf(entries: int, holding: int) -> float:
    """BM25's inverse document frequency, always positive."""
    return math.log(1 + (entries - holding + 0.5) / (holding + 0.5))
