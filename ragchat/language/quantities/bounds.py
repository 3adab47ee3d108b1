"""Which way a quantity is directed: "at least 5", "no less than 5" and "5 or more" are one direction.

The phrases are each language's; here is only where they stand: before their figure with at most a word between, or
right after it.
"""

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Final, cast

from ragchat.language.language import Bound, Language
from ragchat.language.phrases import longest_first

_BETWEEN: Final = re.compile(r"[\s*_`]*(?:([^\W\d_]+\.?|[€$£¥])[\s*_`]*)?")
MARKS: Final = " \t\n\u00a0\u2009\u202f*_`"
"""Blanks, and the marks of emphasis in Markdown: they part no figure from what belongs to it."""
_FAR: Final = 24
"""Code points at most between a phrase and its figure."""


def directed(
    text: str, places: Sequence[tuple[int, int]], language: Language
) -> tuple[dict[int, Bound], str]:
    """For the figures at `places` (in order) their bounds, and the text with the phrases blanked out."""
    bounds: dict[int, Bound] = {}
    parts = list(text)
    starts = [start for start, _ in places]
    for before in (True, False):
        pattern = _pattern(language, before)
        if pattern is None or not places:
            continue
        for match in pattern.finditer(text):
            if parts[match.start()] == " ":  # taken by a figure after it
                continue
            at = bisect_left(starts, match.end() if before else match.start()) - (not before)
            if (
                0 <= at < len(places)
                and at not in bounds
                and _adjoins(text, match, places[at], before, language)
            ):
                bounds[at] = cast(Bound, match.lastgroup)
                parts[match.start() : match.end()] = " " * (match.end() - match.start())
    return bounds, "".join(parts)


def _adjoins(
    text: str, match: re.Match[str], place: tuple[int, int], before: bool, language: Language
) -> bool:
    start, end = place
    if not before:
        return end <= match.start() and not text[end : match.start()].strip(MARKS)
    if start - match.end() > _FAR:
        return False
    between = _BETWEEN.fullmatch(text[match.end() : start])
    if between is None:
        return False
    word = (between[1] or "").lower()
    return not word or word in language.words.function or word in language.units


@cache
def _pattern(language: Language, before: bool) -> re.Pattern[str] | None:
    phrases = language.bounds.before if before else language.bounds.after
    groups = _groups(phrases)
    return re.compile(rf"(?<!\w)(?:{'|'.join(groups)})(?!\w)", re.IGNORECASE) if groups else None


def _groups(phrases: Mapping[Bound, tuple[str, ...]]) -> list[str]:
    return [f"(?P<{bound}>{'|'.join(longest_first(listed))})" for bound, listed in phrases.items() if listed]
