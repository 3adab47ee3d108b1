"""The hard facts of a sentence that must not differ from its source: numbers, dates, names, negation, direction.

Meaning and word overlap cannot see them: "5 days" and "6 days" are as near as two sentences can be. Every check errs
towards "differs": a sentence that is wrongly not verified is only marked, one that is wrongly verified is a lie.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ragchat.documents.sentences import sentence_spans
from ragchat.index.analysis import STOP_WORDS, analyze


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_MONTH_NAMES: Final = """january jan
february feb
march mar
april apr
may
june jun
july jul
august aug
september sep sept
october oct
november nov
december dec"""
_MONTHS: Final = {
    name: number for number, names in enumerate(_MONTH_NAMES.splitlines(), 1) for name in names.split()
}
_FIRST_NUMBERS: Final = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen
fifteen sixteen seventeen eighteen nineteen twenty"""
_WORD_NUMBERS: Final[dict[str, float]] = {
    word: value for value, word in enumerate(_FIRST_NUMBERS.split())
} | {
    "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90, "hundred": 100,
    "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000, "dozen": 12, "half": 0.5, "twice": 2,
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9,
    "tenth": 10,
}  # fmt: skip
NEAR: Final = 7
"""Tokens on each side of a figure that say what it counts."""
# Pronouns and measures as often as numbers: they prove a number in a source, but are not asked for in a claim.
_LOOSE: Final = frozenset({"one", "second", "first", "half", "hundred", "thousand", "million", "billion"})
_TOKEN: Final = re.compile(r"\d+(?:[.,:]\d+)*|[^\W\d_]+(?:['’][^\W\d_]+)*|[%€$£]")
_CLAUSE_TOKEN: Final = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*|[,;:.!?()]")
_ISO_DATE: Final = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")
_NEGATIONS: Final = _words(
    """not no never none nobody nothing neither nor without cannot unable except excluding lack lacks lacking fail fails
    failed hardly barely nowhere"""
)
_SCOPE_ENDS: Final = frozenset(
    {"and", "or", "but", "because", "which", "that", "if", "when", "while", "unless"}
)
RESTATED: Final = 0.8
"""Share of the source's words from which the claim is the same sentence: then the negations must be as many."""
SCOPE: Final = 5
"""Tokens after a negation that it is taken to deny, up to the end of its clause."""
_OPPOSITES: Final = tuple(
    (frozenset(one.split()), frozenset(other.split()))
    for one, other in (
        ("more above over exceed exceeds higher greater larger longer", "less fewer below under lower smaller shorter"),
        ("increase increases increased increasing rise rises rose grow grew", "decrease decreases decreased decreasing"
         " fall falls fell drop drops dropped decline declined shrink"),
        ("before prior earlier until", "after later since following"),
        ("always every all", "sometimes some few"),
        ("must required requires mandatory shall", "may can optional might"),
        ("allow allows allowed permit permits permitted", "forbid forbids forbidden prohibit prohibits prohibited ban"),
        ("include includes included including", "exclude excludes excluded excluding"),
        ("enable enables enabled", "disable disables disabled"),
        ("minimum least min", "maximum most max"),
        ("open opens opened start starts started begin begins began", "close closes closed end ends ended stop stops"),
        ("success succeed succeeds succeeded pass passes passed", "failure fail fails failed"),
        ("north northern", "south southern"), ("east eastern", "west western"), ("left", "right"),
        ("true", "false"), ("free", "paid"), ("public", "private"),
        ("internal", "external"), ("daily", "weekly monthly"),
        ("win wins won", "lose loses lost"), ("buy buys bought", "sell sells sold"),
        ("accept accepted", "reject rejected"),
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Figure:
    """A number or date part with the content words around it: what it counts."""

    value: str
    around: frozenset[str]
    loose: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """The hard facts of a text; compare a claim's with those of the words that it cites.

    `denied` gives for each index term by how many negations it is denied, at each of its places.
    """

    figures: tuple[Figure, ...]
    names: frozenset[str]
    denied: Mapping[str, frozenset[int]]
    negations: int
    words: frozenset[str]


def facts_of(text: str, language: str = "en") -> Facts:
    """Facts of one or a few sentences."""
    text = _ISO_DATE.sub(lambda date: f"{date[3]} {_month(int(date[2]))} {date[1]}", text)
    tokens = _TOKEN.findall(text)
    return Facts(
        figures=tuple(_figures(tokens, language)),
        names=frozenset(_names(text, language)),
        denied=_denied(text, language),
        negations=sum(_negates(token) for token in tokens),
        words=frozenset(token.lower() for token in tokens),
    )


def _month(number: int) -> str:
    return next((name for name, value in _MONTHS.items() if value == number), str(number))


def _figures(tokens: list[str], language: str) -> Iterator[Figure]:
    for place, token in enumerate(tokens):
        value = _value(token)
        if value is None:
            continue
        near = " ".join(tokens[max(0, place - NEAR) : place] + tokens[place + 1 : place + 1 + NEAR])
        around = frozenset(term for term in analyze(near, language) if not term[0].isdigit())
        yield Figure(value, around, token.lower() in _LOOSE)


def _value(token: str) -> str | None:
    """The figure in one spelling: 1,000.0 and 1000 are "1000", March and Mar "m3", five "5"."""
    lowered = token.lower()
    if token[0].isdigit():
        plain = re.sub(r",(?=\d{3}(?!\d))", "", token).replace(",", ".")
        if plain.count(".") == 1:
            plain = plain.rstrip("0").rstrip(".")
        return plain.lstrip("0") or "0"
    if lowered in _MONTHS and (token[0].isupper() or lowered not in ("may", "march")):
        return f"m{_MONTHS[lowered]}"
    number = _WORD_NUMBERS.get(lowered)
    return None if number is None else f"{number:g}"


def _names(text: str, language: str) -> Iterator[str]:
    """Index terms of capitalised words; a sentence's first word too, unless it is a usual one."""
    for match in re.finditer(r"[^\W\d_][\w&'’-]*", text):
        word = match.group()
        lowered = word.lower()
        if not (word[0].isupper() or any(c.isupper() for c in word[1:])):
            continue
        if lowered in STOP_WORDS or lowered in _MONTHS or lowered in _WORD_NUMBERS or len(word) == 1:
            continue
        yield from analyze(word, language)


def _negates(token: str) -> bool:
    return (lowered := token.lower().replace("’", "'")) in _NEGATIONS or lowered.endswith("n't")


def _denied(text: str, language: str) -> dict[str, frozenset[int]]:
    counts: dict[str, set[int]] = {}
    scope: list[int] = []
    for match in _CLAUSE_TOKEN.finditer(text):
        token = match.group().lower().replace("’", "'")
        if _negates(token):
            scope.append(SCOPE)
            continue
        if not token[0].isalnum() or token in _SCOPE_ENDS:
            scope = []
            continue
        for term in analyze(token, language):
            counts.setdefault(term, set()).add(len(scope))
        scope = [left - 1 for left in scope if left > 1]
    return {term: frozenset(found) for term, found in counts.items()}


def figures_agree(claim: Facts, source: Facts) -> bool:
    """Whether every figure of the claim stands in the source and counts the same thing there."""
    said = Counter(figure.value for figure in claim.figures if not figure.loose)
    there = Counter(figure.value for figure in source.figures)
    enough = all(count <= there[value] for value, count in said.items())
    return enough and all(figure.loose or _stands_in(figure, source) for figure in claim.figures)


def _stands_in(figure: Figure, source: Facts) -> bool:
    same = [other for other in source.figures if other.value == figure.value]
    return any(
        len(figure.around & other.around) >= min(2, len(figure.around), len(other.around)) for other in same
    )


def polarity_agrees(claim: Facts, source: Facts) -> bool:
    """Whether what the claim denies is denied, what it affirms affirmed, and no word of direction turned round."""
    if claim.negations > source.negations:
        return False
    if claim.negations < source.negations and len(claim.words & source.words) > RESTATED * len(source.words):
        return False
    for term, places in claim.denied.items():
        if term in source.denied and not places <= source.denied[term]:
            return False
    for one, other in _OPPOSITES:
        for mine, theirs in ((one, other), (other, one)):
            said = claim.words & mine
            if said and not source.words & mine and source.words & theirs:
                return False
    return True


def names_agree(
    claim: Facts,
    words: frozenset[str],
    sources: Sequence[tuple[str, frozenset[str]]],
    titles: frozenset[str],
    language: str = "en",
) -> bool:
    """Whether every name of the claim stands in a title or in a sentence that also says what the claim says of it.

    `words` are the claim's index terms, `sources` texts with theirs. A name from another sentence of the same source
    does not count: "Ask Ann about pay. Tom runs IT." does not support "Ask Tom about pay".
    """
    missing = claim.names - titles
    if not missing:
        return True
    about = words - claim.names
    sentences = [
        terms
        for text, _ in sources
        for span in sentence_spans(text)
        if (terms := frozenset(analyze(span.of(text), language))) & missing
    ]
    return all(any(name in terms and (not about or terms & about) for terms in sentences) for name in missing)
