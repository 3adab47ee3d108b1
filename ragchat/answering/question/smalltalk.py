"""Greetings and thanks: replied to, never searched for and never refused. Their words are in the languages' tables."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from ragchat.language.language import COURTESY_KINDS, Language
from ragchat.language.phrases import longest_first, whole
from ragchat.language.tables import languages

_LONGEST: Final = 60
"""Code points of small talk at most."""
_WORD: Final = re.compile(r"[\w']+")


def reply_to(message: str, language: str = "en") -> str | None:
    """A friendly reply when the whole message is small talk, else None; where it is small talk in several languages,
    in `language` if that is one of them."""
    if len(message) > _LONGEST:
        return None
    words = " ".join(_WORD.findall(message.lower().replace("’", "'")))
    for known in sorted(languages().values(), key=lambda one: one.code != language):
        for kind in COURTESY_KINDS:
            pattern = whole(known.courtesy.whole[kind])
            if pattern is not None and pattern.fullmatch(words):
                return known.courtesy.replies[kind] or None
    return None


def without_courtesy(message: str) -> str:
    """The message without a greeting or thanks around it: their words would be searched for."""
    message = message.strip()
    known = tuple(languages().values())
    opening = _opening(known).match(message)
    return _closing(known).sub("", message[opening.end() :] if opening else message) or message


@cache
def _opening(known: tuple[Language, ...]) -> re.Pattern[str]:
    phrases = "|".join(_each(one.courtesy.opening for one in known)) or "(?!)"
    return re.compile(rf"(?:{phrases})[,.!;:]+\s+(?=\S)", re.IGNORECASE)


@cache
def _closing(known: tuple[Language, ...]) -> re.Pattern[str]:
    phrases = "|".join(_each(one.courtesy.closing for one in known)) or "(?!)"
    return re.compile(rf"(?<=[?.!])\s*(?:{phrases})[.! ]*$", re.IGNORECASE)


def _each(lists: Iterator[tuple[str, ...]]) -> tuple[str, ...]:
    return longest_first([phrase for phrases in lists for phrase in phrases])
