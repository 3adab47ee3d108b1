"""Text to the words that are counted: the one tokenizer of the lexical index, the idf overlap and the grounding check.

`analyze` lower-cases, folds accents, stems (Snowball) and keeps identifiers whole *and* in parts, so that `XR-2000`,
`xr2000` and `XR 2000` meet. Scripts written without spaces become overlapping pairs of characters. No word goes across
white space, so that what stands between two blanks is analysed once and remembered with its punctuation: a text costs
one `split` and one dictionary look-up a word.
"""

import hashlib
import re
import unicodedata
from collections.abc import Callable
from functools import cache
from itertools import chain
from threading import Lock
from typing import Final

import Stemmer

from ragchat.language.language import Language, NumberWords
from ragchat.language.tables import language_named

# `\w` leaves out the vowel signs of Arabic and Indic scripts, which would cut words in two.
_LETTER: Final = (
    r"[\w\u0300-\u036f\u0610-\u061a\u064b-\u065f\u0900-\u0963\u0970-\u0dff\u0e00-\u0eff\u1000-\u109f]"
)
_WORD: Final = rf"{_LETTER}+(?:[.'\-]{_LETTER}+)*(?:\+\+|#(?!\w))?"
_UNSPACED: Final = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+"
)
_PIECE: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_]+")
_SEPARATOR: Final = re.compile(r"[-_.]+")
_ACCENT: Final = re.compile(r"[\u0300-\u036f]+")
_PLURAL_ACRONYM: Final = re.compile(r"[A-Z]{2,}s")
_HARD_BLANK: Final = re.compile(r"(?<=\d)[\u00a0\u2009\u202f](?=\d{3}(?!\d))")
_LONGEST_WORD: Final = 64
_REMEMBERED: Final = 100_000
REVISION: Final = 1
"""Of the code in this module; raised with every change after which some text gives other terms."""


def analyze(text: str, language: str = "en") -> list[str]:
    """The index terms of `text` in reading order, without white space in any of them.

    An identifier gives its joined form first, then its parts. `language` is an ISO 639-1 code; an unknown one is not
    stemmed. Stop words are left out where they are known (`languages`). About 9 MB of English a second on one core.
    """
    analyzer = _analyzer(language_named(language))
    if not text.isascii():
        text = unicodedata.normalize("NFKC", analyzer.joined(text)).replace("’", "'").replace("\u00ad", "")
    return analyzer.terms(text)


@cache
def analysis_of(language: str) -> str:
    """A name for how texts of a language are analysed, another one whenever they may give other terms: an index whose
    words were made under another name finds less with them."""
    known = language_named(language)
    made_of = (
        REVISION,
        known.stemmer,
        known.folds_before_stemming,
        known.elides,
        known.numbers.decimal,
        known.numbers.grouping,
        sorted(known.words.function),
    )
    return hashlib.sha256(repr(made_of).encode()).hexdigest()[:16]


@cache
def _analyzer(language: Language) -> "_Analyzer":
    return _Analyzer(language)


def _amount(numbers: NumberWords) -> str:
    """Pattern of numbers that hold a grouping mark (20.000), or a decimal mark that also parts sentences (20,5)."""
    marks = re.escape("".join(mark for mark in numbers.grouping if not mark.isspace()))
    decimal = re.escape(numbers.decimal)
    grouped = rf"\d{{1,3}}(?:[{marks}]\d{{3}})+(?:{decimal}\d+)?(?!\w|[{marks}]\d)" if marks else ""
    broken = rf"\d+{decimal}\d+(?!\w|{decimal}\d)" if numbers.decimal != "." else ""
    return "|".join(filter(None, (grouped, broken))) or r"(?!)"


class _Memory(dict[str, tuple[str, ...]]):
    """What was learnt of each string; forgets all when it is full, and never keeps a long one."""

    def __init__(self, learn: Callable[[str], list[str]]) -> None:
        self._learn = learn

    def __missing__(self, string: str) -> tuple[str, ...]:
        terms = tuple(self._learn(string))
        if len(self) >= _REMEMBERED:
            self.clear()
        if len(string) <= _LONGEST_WORD:
            self[string] = terms
        return terms


class _Analyzer:
    """Analysis of one language with its memory of words; safe to share between threads."""

    def __init__(self, language: Language) -> None:
        self._stemmer = Stemmer.Stemmer(language.stemmer, 0) if language.stemmer else None
        self._stop_words = language.words.function
        self._folds_before_stemming = language.folds_before_stemming
        self._elides = language.elides
        amount = _amount(language.numbers)
        self._amount = re.compile(amount)
        self._word = re.compile(f"{amount}|{_WORD}")
        self._grouping = re.compile(f"[{re.escape(''.join(language.numbers.grouping))} ]")
        self._decimal = language.numbers.decimal
        self._blanks = _HARD_BLANK if " " in language.numbers.grouping else None
        self._words = _Memory(self._expand_alone)
        self._pieces = _Memory(self._terms_between_blanks)
        self._lock = Lock()  # a Snowball stemmer has internal state

    def joined(self, text: str) -> str:
        """The text with numbers whole that are grouped by hard blanks, where the language does so."""
        return self._blanks.sub("", text) if self._blanks else text

    def terms(self, text: str) -> list[str]:
        return list(chain.from_iterable(map(self._pieces.__getitem__, text.split())))

    def _terms_between_blanks(self, piece: str) -> list[str]:
        return list(chain.from_iterable(map(self._words.__getitem__, self._word.findall(piece))))

    def _expand_alone(self, word: str) -> list[str]:
        with self._lock:
            return self._expand(word)

    def _expand(self, word: str) -> list[str]:
        if _UNSPACED.search(word):
            return self._expand_unspaced(word)
        if self._elides and "'" in word:
            return [term for part in word.split("'") for term in self._expand(part)]
        word = word[:-2] if word.endswith(("'s", "'S")) else word
        if word.isalpha() and (word[1:].islower() or len(word) == 1):
            return self._normal(word)
        return self._expand_identifier(word[: 4 * _LONGEST_WORD])

    def _expand_unspaced(self, word: str) -> list[str]:
        terms: list[str] = []
        position = 0
        for run in _UNSPACED.finditer(word):
            terms += self._expand_piece(word[position : run.start()])
            letters = run.group()
            terms += [letters[i : i + 2] for i in range(len(letters) - 1)] or [letters]
            position = run.end()
        return terms + self._expand_piece(word[position:])

    def _expand_piece(self, piece: str) -> list[str]:
        return [term for word in self._word.findall(piece) for term in self._expand(word)]

    def _expand_identifier(self, word: str) -> list[str]:
        number = word
        if self._amount.fullmatch(word):
            number = self._grouping.sub("", word).replace(self._decimal, ".")
        if number[0].isdigit() and number.replace(".", "").isdigit():
            return _expand_number(number)
        joined = re.sub(r"[-_']", "", word)
        dotted = joined.split(".")
        if all(len(part) == 1 for part in dotted):
            return self._normal("".join(dotted))  # U.S.A
        if _PLURAL_ACRONYM.fullmatch(word):
            return self._normal(word[:-1])
        segments = [segment for segment in _SEPARATOR.split(_fold(word.replace("'", ""))) if segment]
        terms = self._normal(joined)
        for segment in segments:
            if len(segments) > 1 and (len(segment) > 1 or segment.isdigit()):
                terms += self._normal(segment)
            pieces = _PIECE.findall(segment)
            if len(pieces) > 1:
                terms += [term for piece in pieces if len(piece) > 1 for term in self._normal(piece)]
        return terms

    def _normal(self, word: str) -> list[str]:
        lowered = word.lower()
        if lowered in self._stop_words:
            return []
        if self._folds_before_stemming:
            lowered = _fold(lowered)
        stem = self._stemmer.stemWord(lowered) if self._stemmer else lowered
        folded = stem if self._folds_before_stemming else _fold(stem)
        return [folded] if folded else []  # an accent without its letter


def _expand_number(number: str) -> list[str]:
    """A version also gives its first two numbers, so that 3.11 finds 3.11.7; amounts are one term."""
    head = number.split(".")
    return [number, ".".join(head[:2])] if len(head) > 2 else [number]


def _fold(word: str) -> str:
    """Without accents: é is e; letters that are no accent's base (ø, ß) stay."""
    if word.isascii():
        return word
    return unicodedata.normalize("NFC", _ACCENT.sub("", unicodedata.normalize("NFD", word)))
