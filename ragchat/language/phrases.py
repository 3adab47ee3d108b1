"""Phrases of a table as patterns: whole words, in any case, compiled once."""

import re
from collections.abc import Sequence
from functools import cache


@cache
def anywhere(phrases: tuple[str, ...]) -> re.Pattern[str] | None:
    """Finds any of the phrases as whole words; None where there are none."""
    return re.compile(rf"(?<!\w)(?:{'|'.join(phrases)})(?!\w)", re.IGNORECASE) if phrases else None


@cache
def beginning(phrases: tuple[str, ...]) -> re.Pattern[str] | None:
    """Matches one of the phrases at the beginning of a text (use match)."""
    return re.compile(rf"(?:{'|'.join(phrases)})(?!\w)", re.IGNORECASE) if phrases else None


@cache
def whole(phrases: tuple[str, ...]) -> re.Pattern[str] | None:
    """Matches a text that is one of the phrases and nothing else (use fullmatch)."""
    return re.compile(f"(?:{'|'.join(phrases)})", re.IGNORECASE) if phrases else None


def longest_first(phrases: Sequence[str]) -> tuple[str, ...]:
    """In an alternation the first that matches is taken: "not more than" must come before "more than"."""
    return tuple(sorted(phrases, key=len, reverse=True))
