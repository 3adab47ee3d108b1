"""Doubt: the rarest word of the question that a quote does not hold, where the second reader thinks more of the quote
without it.

"Shipping cost to Brazil?" finds what shipping costs elsewhere, and all but one word fits. Asked again without that
word, the reader grades the quote higher: what is missing was meant. For a paraphrase it grades lower, since the words
that the quote says otherwise are all there was to go by. This alone tells right answers from near misses in .72 to .87
of pairs; beside all that the chooser knows it raises that from .83 to .87 on questions that nothing was fitted on. More
words than the rarest tell no more (bench/answering).
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import exp, log
from typing import Final

from ragchat.language.analysis import analyze
from ragchat.models.reranker import LOCAL, Reranker
from ragchat.retrieval.scoring.rarity import Rarity

SURE_ANYWAY: Final = 0.8
"""How sure the choice may be for a doubt to be looked for: no gain that was seen brings one above it below the
threshold of an answer, and looking costs a reading of some 8 ms."""
_FILE: Final = "doubting.json"
_WORD: Final = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as the second reader read it, and its index terms with meaning, the rarest first."""

    question: str
    topic: Sequence[str]
    language: str


@dataclass(frozen=True, slots=True)
class Read:
    """What the second reader read, and its grade beside the whole question."""

    text: str
    grade: float


@dataclass(frozen=True, slots=True)
class Doubt:
    """By how much the reader's grade rises without `word`; 0 where it does not."""

    gain: float = 0.0
    word: str = ""


NONE: Final = Doubt()


def doubt_of(asked: Asked, quoted: str, read: Read, reader: Reranker) -> Doubt:
    """What `quoted` (with its headings) lacks of the question; `read` is the unit that it was made from. Only the
    shipped reader's grades are known to the weight: with another there is no doubt. Raises UpstreamFailed."""
    if reader.name != LOCAL:
        return NONE
    shorter = _without(asked, frozenset(analyze(quoted, asked.language)))
    if shorter is None:
        return NONE
    word, rest = shorter
    return Doubt(max(0.0, reader.scores(rest, [read.text])[0] - read.grade), word)


def rarest_first(terms: Iterable[str], rarity: Rarity) -> list[str]:
    """Terms in the order in which they are looked for."""
    return sorted(terms, key=lambda term: (-rarity(term), term))


def _without(asked: Asked, held: frozenset[str]) -> tuple[str, str] | None:
    """The word of the first term that is not held, and the question without it; None where it has none, or nothing
    else."""
    words = _WORD.findall(asked.question)
    analysed = [frozenset(analyze(word, asked.language)) for word in words]
    said = frozenset[str]().union(*analysed)
    term = next((term for term in asked.topic if term in said - held), None)
    if term is None:
        return None
    gone = next(word for word, own in zip(words, analysed, strict=True) if term in own)
    rest = [word for word, own in zip(words, analysed, strict=True) if term not in own]
    return (gone, " ".join(rest)) if rest else None


def less_sure(sure: float, doubt: Doubt) -> float:
    """The chance `sure` in (0, 1) that a quote answers, with the doubt counted. The weight is data, fitted by
    bench/answering/choosing."""
    if not doubt.gain:
        return sure
    return 1 / (1 + exp(weight() * doubt.gain - log(sure / (1 - sure))))


@cache
def weight() -> float:
    """By how much the log-odds fall for each unit of the reader's grade that is gained."""
    fitted = json.loads(files("ragchat.answering.refusing").joinpath(_FILE).read_text("utf-8"))
    return float(fitted["weight"])
