"""Numbers in words and marks: "einundzwanzig", "vingt et un" and "two hundred and five" to values, 20.000 to 20000.

One way of composing serves all languages: words are added, scales multiply what stands before them, and what may follow
what is told by the size of the numbers. Only the words themselves, and two orders that some languages have, are theirs.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from ragchat.language.language import Language, NumberWords

LONGEST: Final = 14
"""Words that one number is made of at most."""
_LETTERS: Final = 80
"""Letters of a compound at most."""
_SHORTEST: Final = 6
"""Letters of a compound at least."""
_JOINER: Final = -1.0
_THOUSANDS: Final = re.compile(r"\d{1,3}(?:([.,'’\s])\d{3})(?:\1\d{3})*")


@dataclass(frozen=True, slots=True)
class NumberReader:
    """Reads the numbers of one language."""

    numbers: NumberWords
    _known: dict[str, tuple[float, ...] | None] = field(default_factory=dict)

    def of_words(self, words: Sequence[str]) -> tuple[float, int] | None:
        """The number that begins with the first of some lower-case words, and how many of them it takes."""
        if not words or self._atoms(words[0]) is None:
            alone = self.numbers.alone.get(words[0]) if words else None
            return None if alone is None else (alone, 1)
        for count in range(min(len(words), LONGEST), 0, -1):
            value = self._value(words[:count])
            if value is not None and not self._goes_on(words, count):
                return value, count
        return None

    def begins_with(self, word: str) -> bool:
        """Whether a number may begin with a lower-case word."""
        return word in self.numbers.alone or self._atoms(word) is not None

    def scale_of(self, word: str) -> float | None:
        """What a word multiplies a number in digits by: 2 million."""
        return self.numbers.scales.get(word)

    def _goes_on(self, words: Sequence[str], count: int) -> bool:
        """Whether the last word begins another number: "between one hundred and two hundred"."""
        joined = any(word in self.numbers.joiners for word in words[:count])
        return joined and count < len(words) and words[count] in self.numbers.scales

    def _value(self, words: Sequence[str]) -> float | None:
        atoms: list[float] = []
        at = 0
        while at < len(words):
            for width in (3, 2, 1):
                found = self._atoms("_".join(words[at : at + width])) if at + width <= len(words) else None
                if found is not None:
                    break
            else:
                if words[at] not in self.numbers.joiners:
                    return None
                found, width = (_JOINER,), 1
            atoms.extend(found)
            at += width
        if len(words) == 1 and words[0] in self.numbers.never_alone:
            return None
        return self._sum(atoms)

    def _atoms(self, word: str) -> tuple[float, ...] | None:
        """The numbers that a word is made of, None for another word."""
        numbers = self.numbers
        value = numbers.words.get(word, numbers.scales.get(word))
        if value is not None:
            return (value,)
        if not _SHORTEST <= len(word) <= _LETTERS or "_" in word:
            return None
        if word not in self._known:
            if len(self._known) > 10_000:
                self._known.clear()
            self._known[word] = self._cut(word)
        return self._known[word]

    def _cut(self, word: str) -> tuple[float, ...] | None:
        """A compound cut into number words, the longest first; None where something is left over."""
        pieces = _pieces(self.numbers)
        best: dict[int, tuple[float, ...]] = {len(word): ()}
        for start in range(len(word) - 1, -1, -1):
            for end in range(len(word), start, -1):
                if end in best and (value := pieces.get(word[start:end])) is not None:
                    best[start] = (value, *best[end])
                    break
        atoms = best.get(0)
        return atoms if atoms is not None and self._sum(atoms) is not None else None

    def _sum(self, atoms: Sequence[float]) -> float | None:
        """The value of numbers said one after the other, None where they are no one number."""
        total = current = 0.0
        joined = False
        for atom in atoms:
            if atom == _JOINER:
                if joined or not (total or current):
                    return None
                joined = True
                continue
            if atom == 100 or atom >= 1000:
                if atom == 100 and current >= 100:
                    return None
                if atom == 100:
                    current = max(current, 1.0) * 100
                else:
                    if total and total < atom:
                        return None
                    total, current = total + max(current, 1.0) * atom, 0.0
            elif self._fits(current, atom, joined):
                current += atom
            else:
                return None
            joined = False
        return None if joined else total + current

    def _fits(self, current: float, atom: float, joined: bool) -> bool:
        if not current:
            return True
        rest = current % 100
        if self.numbers.ones_first and joined and atom % 10 == 0 and 20 <= atom < 100:
            return 1 <= rest <= 9
        if atom < 10:
            return rest == 0 or (rest >= 20 and rest % 10 == 0)
        if atom < 20:
            return rest == 0 or rest in self.numbers.teens_after
        return rest == 0 and atom < 100


@cache
def reader_of(language: Language) -> NumberReader:
    """The reader of a language, with its memory of compounds."""
    return NumberReader(language.numbers)


def _pieces(numbers: NumberWords) -> dict[str, float]:
    """What a compound is cut into."""
    joiners = dict.fromkeys(numbers.joiners, _JOINER)
    return {**joiners, **numbers.parts, **numbers.scales, **numbers.words}


def in_digits(written: str, numbers: NumberWords) -> str:
    """A number in digits and marks in one spelling: "20.000", "20 000" and "20000" are "20000" in German, 20,50 is
    "20.5"; "3.11.7" stays as it is. Marks that the language does not have are read as whatever they can only be."""
    plain = re.sub(r"[\s'’]", "", written)
    marks = [mark for mark in plain if mark in ".,"]
    if not marks:
        return _trimmed(plain)
    last = marks[-1]
    if len(set(marks)) == 2:  # 1.234,50: the last one is the decimal mark
        head, _, tail = plain.rpartition(last)
        return _trimmed(f"{re.sub('[.,]', '', head)}.{tail}") if marks.count(last) == 1 else plain
    if len(marks) > 1:
        return _trimmed(re.sub("[.,]", "", plain)) if _THOUSANDS.fullmatch(plain) else plain
    groups = _THOUSANDS.fullmatch(plain) and not plain.startswith("0")
    if groups and last != numbers.decimal and last in (numbers.grouping or (",",)):
        return _trimmed(plain.replace(last, ""))
    return _trimmed(plain.replace(last, "."))


def spelled(value: float) -> str:
    """A value in the spelling of in_digits."""
    return str(int(value)) if value == int(value) else f"{value:.6f}".rstrip("0")


def _trimmed(number: str) -> str:
    whole, dot, part = number.partition(".")
    part = part.rstrip("0")
    return (whole.lstrip("0") or "0") + (dot + part if part else "")
