"""Which language a text or a question is in, told by the tables alone: a language is known as soon as it has one.

Long texts are told by the share of their function words. A question of a few words is told word by word: by the lists
that hold it, and else by its letters, three at a time, compared with the words of each table (a naive Bayes classifier
with trigrams, Cavnar & Trenkle 1994). Deterministic, and no model: the small detectors on offer are measured against
it in bench/language/README.md.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import islice
from math import log
from typing import Final

from ragchat.language.language import Language
from ragchat.language.tables import languages

_WORD: Final = re.compile(r"(?<![\w.])[^\W\d_]{2,}(?![\w(=\[])")
"""Not the names in source code, and no single letters: they are articles in one language and variables in another."""
_ASKED: Final = re.compile(r"(?<![\w.@/])[^\W\d_]+(?:'[^\W\d_]+)*(?![\w@]|\.\w)")
_ENOUGH: Final = 0.2
"""Share of a language's function words from which on it is told: a third of a text has them, another language's has a
tenth, source code has English ones in its comments or none."""
_SLICES: Final = 6
_SLICE: Final = 700
"""Stretches of a text that are looked at, spread over it, and code points of each."""
_FEW: Final = 12
"""Words up to which a text is told like a question."""
_MOST: Final = 24
"""Words of a question that are looked at."""
_FUNCTION: Final = -6.0
_LISTED: Final = -8.0
"""Log chance of a function word, and of another word of a table."""
_APART: Final = 8.0
"""The most that one word says for a language against another."""
_UNKNOWN: Final = 6.0
"""The same of a word in no table, told by its letters alone."""
_NAME: Final = 1.0
"""The same of one with a capital: a name, which may be from anywhere."""
_REMEMBERED: Final = 20_000
"""Words whose chances are kept."""
_UNSEEN: Final = -9.5
"""Log chance of three letters that stand in no word of a table: alike for all, so that another script tells nothing."""
_MARGIN: Final = 2.0
"""By how much a language must be likelier than the one that is expected."""
_STATED: Final = 6.0
"""The same of a sentence: it has more words than a question, and a source in another language is rare."""


def language_of(texts: Iterable[str]) -> str | None:
    """The code of the language that most of the words are in, None where no known one is told by them."""
    words = Counter(word for text in texts for word in _WORD.findall(text.lower()))
    total = words.total()
    if not total:
        return None
    held = {
        code: sum(words[word] for word in language.words.function) for code, language in languages().items()
    }
    best = max(held, key=lambda code: held[code])
    return best if held[best] >= _ENOUGH * total else None


def language_of_text(text: str) -> str:
    """The code of the language that a text is in, "" where it cannot be told. Looks at a sample of a long text: about
    half a millisecond, however long it is."""
    sample = list(_sampled(text))
    if sum(len(part) for part in sample) < 40 * _FEW:
        words = _WORD.findall(" ".join(sample))
        if len(words) <= _FEW:
            return language_of_question(text[: _SLICES * _SLICE], "")
    return language_of(sample) or ""


def _sampled(text: str) -> Iterator[str]:
    if len(text) <= _SLICES * _SLICE:
        yield text
        return
    for place in range(_SLICES):
        start = place * (len(text) - _SLICE) // (_SLICES - 1)
        yield text[start : start + _SLICE]


def language_of_question(question: str, default: str) -> str:
    """The code of the language that a question is in; `default` where its words leave that in doubt."""
    return _told(question, default, _MARGIN)


def language_of_statement(text: str, default: str) -> str:
    """The same of a sentence or a few, of which the expected language is the likelier (its collection's)."""
    return _told(text, default, _STATED)


def _told(text: str, default: str, margin: float) -> str:
    words = [match.group() for match in islice(_ASKED.finditer(text.replace("’", "'")), _MOST)]
    memory = _memory(tuple(languages().values()))
    if not words or not memory.codes:
        return default
    sums = map(sum, zip(*map(memory.__getitem__, words), strict=True))
    scores = dict(zip(memory.codes, sums, strict=True))
    best = max(scores, key=lambda code: scores[code])
    others = [score for code, score in scores.items() if code != best]
    against = scores.get(default, max(others, default=0.0))
    return best if scores[best] - against >= (0 if best == default else margin) else default


class _Memory(dict[str, tuple[float, ...]]):
    """For each word its log chance in each language, none much further from the best than it can tell. Forgets all
    when it is full."""

    def __init__(self, known: tuple[Language, ...]) -> None:
        self.codes = [language.code for language in known]
        self._models = [_model(language) for language in known]

    def __missing__(self, word: str) -> tuple[float, ...]:
        if len(self) >= _REMEMBERED:
            self.clear()
        self[word] = chances = tuple(self._chances(word))
        return chances

    def _chances(self, word: str) -> Iterator[float]:
        lowered = word.lower()
        chances = [model.chance(lowered) for model in self._models]
        known = any(lowered in model.listed for model in self._models)
        floor = max(chances) - (_APART if known else _UNKNOWN if word == lowered else _NAME)
        return (max(chance, floor) for chance in chances)


@cache
def _memory(known: tuple[Language, ...]) -> _Memory:
    return _Memory(known)


@dataclass(frozen=True, slots=True, eq=False)
class _Model:
    """What the words of one language look like."""

    function: frozenset[str]
    listed: frozenset[str]
    trigrams: Mapping[str, float]

    def chance(self, word: str) -> float:
        if word in self.function:
            return _FUNCTION
        if word in self.listed:
            return _LISTED
        return sum(self.trigrams.get(three, _UNSEEN) for three in _threes(word))


def _model(language: Language) -> _Model:
    listed = _words_of(language)
    counts = Counter(three for word in sorted(listed) for three in _threes(word))
    total = counts.total() + len(counts) + 1
    return _Model(
        language.words.function,
        frozenset(listed),
        {three: log((count + 0.5) / total) for three, count in counts.items()},
    )


def _words_of(language: Language) -> set[str]:
    """Every word of its table."""
    words = set(language.words.function | language.words.form | language.words.telling)
    words.update(*(one | other for one, other in language.opposites.pairs))
    words.update(*(slant.asks | slant.answers for slant in language.slant))
    words.update(language.denial.words, language.sentences.starters, language.follow_up.telling_nothing)
    words.update(language.numbers.words, language.numbers.alone, language.numbers.scales)
    words.update(name for name in (*language.dates.months, *language.dates.weekdays) if len(name) > 4)
    return {word for word in words if word.replace("'", "").isalpha()}


def _threes(word: str) -> Iterator[str]:
    padded = f" {word} "
    return (padded[at : at + 3] for at in range(len(padded) - 2))
