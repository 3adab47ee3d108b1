"""The way through a text's tokens that finds its figures: what belongs to one, and what it is then.

Numbers with their scale and unit, dates and times in all their forms, identifiers. Every word that is compared with
stands in the language's table.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from ragchat.language.language import Language
from ragchat.language.quantities.bounds import MARKS
from ragchat.language.quantities.figure import Figure
from ragchat.language.quantities.numbers import LONGEST, in_digits, reader_of, spelled
from ragchat.language.quantities.tokens import Token

_VERSION: Final = re.compile(r"\d+(?:\.\d+){2,}")
_YEAR: Final = re.compile(r"[12]\d{3}")
_NAME: Final = re.compile(r"([^\W\d_]*)[-_]?(\d.*)", re.S)


@dataclass(slots=True)
class FigureScan:
    """One way through the tokens; each figure takes what belongs to it."""

    text: str
    tokens: Sequence[Token]
    language: Language

    def figures(self) -> Iterator[Figure]:
        at = 0
        while at < len(self.tokens):
            found, taken = self._at(at)
            yield from found
            at += max(1, taken)

    def _at(self, at: int) -> tuple[list[Figure], int]:
        """The figures that begin at a token, and how many tokens they take."""
        token = self.tokens[at]
        match token.kind:
            case "iso":
                year, month, day = token.text.split("-")
                return _dated(token, day, month, year), 1
            case "day":
                return self._day(token), 1
            case "years":
                first, last = token.text[:4], token.text[:2] + token.text[-2:]
                return [
                    Figure(year, "number", token.start, token.end, token.end) for year in (first, last)
                ], 1
            case "clock":
                hour, minute = re.split("[:h]", token.text)[:2]
                return self._clock(at, int(hour), minute)
            case "name":
                return self._name(at)
            case "number":
                return self._number(at)
            case "word":
                return self._word(at)
            case "sign":
                return [], 1

    def _day(self, token: Token) -> list[Figure]:
        """A date in digits; its plain numbers where day and month cannot be told apart."""
        one, other, year = re.split("[./]", token.text)
        order = self.language.dates.order or ("dmy" if "." in token.text or int(one) > 12 else "")
        if int(other) > 12 >= int(one):
            order = "mdy"
        if len(year) == 2:
            year = f"20{year}"
        match order:
            case "dmy":
                return _dated(token, one, other, year)
            case "mdy":
                return _dated(token, other, one, year)
            case _:
                return [
                    Figure(in_digits(n, self.language.numbers), "date", token.start, token.end, token.end)
                    for n in (one, other, year)
                ]

    def _clock(self, at: int, hour: int, minute: str) -> tuple[list[Figure], int]:
        dates, token = self.language.dates, self.tokens[at]
        half = self._follows(at + 1)
        end, taken, bare = token.end, 1, {str(hour)}
        if half is not None and half.word in dates.morning | dates.afternoon:
            if hour <= 12:
                hour = hour % 12 + (12 if half.word in dates.afternoon else 0)
            end, taken = half.end, 2
        elif half is not None and half.word in dates.clock:
            end, taken = half.end, 2
        return [Figure(f"{hour}:{minute}", "clock", token.start, end, end, also=frozenset(bare))], taken

    def _name(self, at: int) -> tuple[list[Figure], int]:
        """An identifier; a currency written on to its amount, and a version with its v, are none."""
        token = self.tokens[at]
        match = _NAME.fullmatch(token.text)
        letters, digits = (match[1], match[2]) if match else ("", token.text)
        unit = self.language.units.get(letters.lower(), "")
        if _is_currency(unit) and re.fullmatch(r"\d+(?:[.,]\d+)*", digits):
            return [
                Figure(
                    in_digits(digits, self.language.numbers),
                    "number",
                    token.start,
                    token.end,
                    token.end,
                    unit,
                )
            ], 1
        if letters.lower() in self.language.numbers.versions:
            return [Figure(digits.lower(), "name", token.start, token.end, token.end)], 1
        bare = frozenset({digits.lstrip("0")}) if len(letters) > 1 and digits.isdigit() else frozenset[str]()
        return [
            Figure(
                re.sub("[-_]", "", token.text.lower()), "name", token.start, token.end, token.end, also=bare
            )
        ], 1

    def _number(self, at: int) -> tuple[list[Figure], int]:
        token, numbers = self.tokens[at], self.language.numbers
        sign, digits = ("-", token.text[1:]) if token.text[0] in "-−" else ("", token.text)
        start = token.start + (token.text[0] == "-" and self._ends_range(at))
        sign = "" if start > token.start else sign
        value = in_digits(digits, numbers)
        if _VERSION.fullmatch(value) or (
            at and self.tokens[at - 1].word in numbers.versions and not self._gap(at)
        ):
            return [Figure(digits.rstrip("."), "name", start, token.end, token.end)], 1
        after, end, taken = self._follows(at + 1), token.end, 1
        if after is not None and after.start == end and after.kind == "word":
            if after.word in numbers.endings:
                return [Figure(sign + value, "number", start, after.end, after.end)], 2
            if _YEAR.fullmatch(value) and after.word == "s":  # the 1980s
                return [Figure(sign + value, "number", start, after.end, after.end)], 2
            if not self._measures(after.word):
                name = (digits + after.text).lower()
                return [Figure(name, "name", start, after.end, after.end, also=frozenset({value}))], 2
        if after is not None and self._tells_time(value, after.word):
            return self._clock(at, int(value), "00")
        scale = reader_of(self.language).scale_of(after.word) if after is not None else None
        if after is not None and scale and len(value) < 16 and re.fullmatch(r"\d+(?:\.\d+)?", value):
            value, end, taken = spelled(float(value) * scale), after.end, 2
        unit, through, more = self._unit(at, at + taken, end)
        return [Figure(sign + value, "number", start, end, through, unit)], taken + more

    def _tells_time(self, value: str, after: str) -> bool:
        dates = self.language.dates
        hour = value.isdigit() and len(value) < 3 and int(value) <= 24
        return hour and (
            after in dates.morning
            or after in dates.afternoon
            or (after in dates.clock and after not in self.language.units)
        )

    def _measures(self, word: str) -> bool:
        """Whether a word may be written on to a number without being part of a name."""
        dates, numbers = self.language.dates, self.language.numbers
        return any(
            word in known
            for known in (self.language.units, numbers.scales, dates.morning, dates.afternoon, dates.clock)
        )

    def _word(self, at: int) -> tuple[list[Figure], int]:
        token, dates = self.tokens[at], self.language.dates
        word = token.word
        number = dates.months.get(word)
        if number and (token.text[0].isupper() or word not in dates.only_capital):
            return [Figure(f"m{number}", "date", token.start, token.end, token.end)], 1
        day = dates.weekdays.get(word) or dates.weekdays.get(word.removesuffix("s"))
        if day and len(word) > 4:
            return [Figure(f"d{day}", "date", token.start, token.end, token.end)], 1
        reader = reader_of(self.language)
        if not reader.begins_with(word):
            return [], 1
        words, places = self._run(at)
        found = reader.of_words(words)
        if found is None:
            return [], 1
        value, count = found
        taken = places[count - 1] - at + 1
        end = self.tokens[at + taken - 1].end
        unit, through, more = self._unit(at, at + taken, end)
        loose = count == 1 and word in self.language.numbers.loose
        return [Figure(spelled(value), "number", token.start, end, through, unit, loose=loose)], taken + more

    def _run(self, at: int) -> tuple[list[str], list[int]]:
        """The words from a token on with nothing but blanks or hyphens between them, and where they are."""
        words, places = [self.tokens[at].word], [at]
        while len(words) < LONGEST:
            following = self._follows(places[-1] + 1)
            if following is None:
                break
            step = 1
            if following.text == "-" and following.start == self.tokens[places[-1]].end:
                following, step = self._follows(places[-1] + 2), 2
            if following is None or following.kind != "word":
                break
            words.append(following.word)
            places.append(places[-1] + step)
        return words, places

    def _unit(self, first: int, at: int, end: int) -> tuple[str, int, int]:
        """The unit of a figure: at `at` after it, else a currency before `first`; its end and the tokens it takes."""
        units = self.language.units
        after, skipped = self._follows(at), 0
        if after is not None and after.text == "-" and after.start == end:
            after, skipped = self._follows(at + 1), 1
        if after is not None:
            second = self._follows(at + skipped + 1)
            if second is not None and (unit := units.get(f"{after.word}_{second.word}")):
                return unit, second.end, skipped + 2
            if unit := units.get(after.word):
                return unit, after.end, skipped + 1
        before = units.get(self.tokens[first - 1].word, "") if first and not self._gap(first) else ""
        return (before if _is_currency(before) else ""), end, 0

    def _follows(self, at: int) -> Token | None:
        """The token at a place, if only blanks are between it and the one before."""
        return self.tokens[at] if at < len(self.tokens) and not self._gap(at) else None

    def _gap(self, at: int) -> str:
        """What is between a token and the one before it, but for blanks and the stop of an abbreviation (Mio. Euro)."""
        before = self.tokens[at - 1]
        between = self.text[before.end : self.tokens[at].start]
        gap = "\n" if "\n\n" in between else between.strip(MARKS)
        return "" if gap == "." and before.word in self.language.numbers.scales else gap

    def _ends_range(self, at: int) -> bool:
        """Whether the minus before a number stands between two ends: "5 - 10 days"."""
        return at > 0 and self.tokens[at - 1].kind == "number" and not self._gap(at)


def _dated(token: Token, day: str, month: str, year: str) -> list[Figure]:
    values = (day.lstrip("0"), f"m{int(month)}", year)
    return [Figure(value, "date", token.start, token.end, token.end) for value in values]


def _is_currency(unit: str) -> bool:
    """Currencies have ISO 4217 codes for names."""
    return len(unit) == 3 and unit.isupper()
