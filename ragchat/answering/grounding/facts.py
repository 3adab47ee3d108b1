"""The hard facts of a sentence that must not differ from its source: names, negation, direction (figures: figures.py).

Meaning and word overlap cannot see them: "5 days" and "6 days" are as near as two sentences can be. Every check errs
towards "differs": a sentence that is wrongly not verified is only marked, one that is wrongly verified is a lie. What
denies and what is turned round are words of the languages' tables.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ragchat.answering.grounding.figures import CountedFigure, counted, is_identifier
from ragchat.language.analysis import analyze
from ragchat.language.detection import language_of_statement
from ragchat.language.language import Language
from ragchat.language.quantities.figures import Reading, read_figures
from ragchat.language.sentences import sentence_spans
from ragchat.language.tables import language_named

ABOUT_A_NAME: Final = 0.4
"""Share of what the best sentence holds of a claim that the sentence of a name must hold."""
RESTATED: Final = 0.8
"""Share of the source's words from which the claim is the same sentence: then the negations must be as many."""
SCOPE: Final = 5
"""Tokens after a negation that it is taken to deny, up to the end of its clause."""
_WORD: Final = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_CLAUSE_TOKEN: Final = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*|[,;:.!?()]")
_NAME: Final = re.compile(r"[^\W\d_][\w&'’-]*")


@dataclass(frozen=True, slots=True)
class Facts:
    """The hard facts of a text; compare a claim's with those of the words that it cites.

    `denied` gives for each index term by how many negations it is denied, at each of its places. `languages` are the
    collection's and the text's own: their words of fact count.
    """

    figures: tuple[CountedFigure, ...]
    names: frozenset[str]
    denied: Mapping[str, frozenset[int]]
    negations: int
    words: frozenset[str]
    languages: tuple[str, ...]


def facts_of(text: str, language: str = "en") -> Facts:
    """Facts of one or a few sentences; `language` is the collection's, whose terms are compared. The text's own is
    told by its words."""
    own = language_of_statement(text, language)
    known = tuple(language_named(code) for code in dict.fromkeys((own, language)))
    reading = read_figures(text, own)
    tokens = _WORD.findall(reading.rest)
    return Facts(
        figures=counted(text, reading, language),
        names=frozenset(_names(text, language, known[0])) | _identifiers(text, reading, language),
        denied=_denied(reading.rest, language, known),
        negations=sum(_negates(token, known) for token in tokens),
        words=frozenset(token.lower() for token in tokens),
        languages=tuple(one.code for one in known),
    )


def _names(text: str, language: str, own: Language) -> Iterator[str]:
    """Index terms of capitalised words; a sentence's first word too, unless it is a usual one."""
    numbers = own.numbers
    usual = (own.words.function, own.dates.months, numbers.words, numbers.scales, numbers.alone)
    for match in _NAME.finditer(text):
        word = match.group()
        lowered = word.lower()
        if not (word[0].isupper() or any(c.isupper() for c in word[1:])):
            continue
        if len(word) == 1 or any(lowered in listed for listed in usual):
            continue
        yield from analyze(word, language)


def _identifiers(text: str, reading: Reading, language: str) -> frozenset[str]:
    """Index terms of names with figures in them, in capitals or not."""
    written = (text[one.start : one.end] for one in reading.figures if is_identifier(one))
    return frozenset(term for word in written for term in analyze(word, language))


def _negates(token: str, known: Sequence[Language]) -> bool:
    lowered = token.lower().replace("’", "'")
    return any(
        lowered in language.denial.words or lowered.endswith(language.denial.endings) for language in known
    )


def _denied(text: str, language: str, known: Sequence[Language]) -> dict[str, frozenset[int]]:
    counts: dict[str, set[int]] = {}
    scope: list[int] = []
    for match in _CLAUSE_TOKEN.finditer(text):
        token = match.group().lower().replace("’", "'")
        if _negates(token, known):
            scope.append(SCOPE)
            continue
        if not token[0].isalnum() or any(token in one.denial.scope_ends for one in known):
            scope = []
            continue
        for term in analyze(token, language):
            counts.setdefault(term, set()).add(len(scope))
        scope = [left - 1 for left in scope if left > 1]
    return {term: frozenset(found) for term, found in counts.items()}


def polarity_agrees(claim: Facts, source: Facts) -> bool:
    """Whether what the claim denies is denied, what it affirms affirmed, and no word of direction turned round."""
    if claim.negations > source.negations:
        return False
    if claim.negations < source.negations and len(claim.words & source.words) > RESTATED * len(source.words):
        return False
    for term, places in claim.denied.items():
        if term in source.denied and not places <= source.denied[term]:
            return False
    return not any(_turned(claim.words, source.words, code) for code in {*claim.languages, *source.languages})


def _turned(claim: frozenset[str], source: frozenset[str], language: str) -> bool:
    """Whether the claim has a word of direction of which the source has only the opposite."""
    return any(
        claim & mine and not source & mine and source & theirs
        for one, other in language_named(language).opposites
        for mine, theirs in ((one, other), (other, one))
    )


def names_agree(
    claim: Facts,
    words: frozenset[str],
    sources: Sequence[tuple[str, frozenset[str]]],
    titles: frozenset[str],
    language: str = "en",
) -> bool:
    """Whether every name of the claim stands in a title or in a sentence that also says what the claim says of it.

    `words` are the claim's index terms, `sources` texts with theirs. A name from another sentence of the same source
    does not count: "Ask Ann about pay. Tom runs IT." does not support "Ask Tom about pay". Nor does a title's name in
    the place of the one that a sentence has.
    """
    if not claim.names:
        return True
    own = language_named(claim.languages[0])
    about = words - claim.names
    said = [span.of(text) for text, _ in sources for span in sentence_spans(text)]
    sentences = [frozenset(analyze(sentence, language)) for sentence in said]
    most = max((len(terms & about) for terms in sentences), default=0)
    for sentence, terms in zip(said, sentences, strict=True):
        restated = len(terms & about) == most >= RESTATED * len(about)
        if restated and claim.names - terms and frozenset(_names(sentence, language, own)) - words:
            return False  # the same sentence with another name in it
    needed = max(1, round(ABOUT_A_NAME * most)) if about else 0
    return all(
        any(name in terms and len(terms & about) >= needed for terms in sentences)
        for name in claim.names - titles
    )
