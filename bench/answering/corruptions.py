"""False sentences made from true ones: a number, date, name or negation changed, everything else as it stands.

Used by the tests and by bench/answering/grounding.py. Deterministic: the same sentences and seed give the same lies.
"""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

MONTHS = tuple(
    "January February March April May June July August September October November December".split()  # noqa: SIM905
)
_NUMBER = re.compile(r"(?<![\w.,-])\d+(?:[.,]\d+)*(?![\w]|[.,]\d)")
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]{2,}(?: [A-Z][a-z]{2,})*")
_VERB = re.compile(r"\b(is|are|was|were|can|will|must|should|has|have|may)\b(?! not\b|n't)")
_NOT = re.compile(r"\b(is|are|was|were|can|will|must|should|do|does|did|has|have|may) not\b")


@dataclass(frozen=True, slots=True)
class Corruption:
    """`kind` is what was changed; `place` the index of the true sentence."""

    place: int
    kind: str
    true: str
    false: str


def corruptions(sentences: Sequence[str], count: int, seed: int = 7) -> list[Corruption]:
    """`count` corrupted sentences, the four kinds in turn as far as the sentences give them."""
    draw = random.Random(seed)  # noqa: S311 - repeatable, not secret
    names = sorted({name for sentence in sentences for name in _NAME.findall(sentence)})
    made: list[Corruption] = []
    order = list(range(len(sentences)))
    for _ in range(20):
        draw.shuffle(order)
        for place in order:
            options = list(_lies(sentences[place], names, draw))
            if options:
                fewest = min(options, key=lambda one: sum(m.kind == one[0] for m in made))
                lie = Corruption(place, fewest[0], sentences[place], fewest[1])
                if lie not in made:
                    made.append(lie)
            if len(made) == count:
                return made
    return made


def _lies(sentence: str, names: Sequence[str], draw: random.Random) -> Iterator[tuple[str, str]]:
    if found := list(_NUMBER.finditer(sentence)):
        number = draw.choice(found)
        yield "number", _put(sentence, number, _another_number(number.group(), draw))
    if found := [match for match in re.finditer(r"[A-Z][a-z]+", sentence) if match.group() in MONTHS]:
        month = draw.choice(found)
        other = draw.choice([name for name in MONTHS if name != month.group()])
        yield "date", _put(sentence, month, other)
    if found := list(_NAME.finditer(sentence)):
        name = draw.choice(found)
        others = [other for other in names if other not in sentence and other not in MONTHS]
        if others and name.group() not in MONTHS:
            yield "name", _put(sentence, name, draw.choice(others))
    if negated := _NOT.search(sentence):
        yield "negation", _put(sentence, negated, negated.group(1))
    elif found := list(_VERB.finditer(sentence)):
        verb = found[0]
        yield "negation", _put(sentence, verb, f"{verb.group()} not")


def _another_number(number: str, draw: random.Random) -> str:
    place = draw.randrange(len(number))
    while not number[place].isdigit():
        place = draw.randrange(len(number))
    digits = [d for d in "123456789" if d != number[place]]
    return number[:place] + draw.choice(digits) + number[place + 1 :]


def _put(sentence: str, match: re.Match[str], text: str) -> str:
    return sentence[: match.start()] + text + sentence[match.end() :]
