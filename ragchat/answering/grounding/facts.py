"""The hard facts of a sentence that must not differ from its source: names, negation, direction (figures:
figures.py).

Meaning and word overlap cannot see them: "5 days" and "6 days" are as near as two sentences can be. Every check errs
towards "differs": a sentence that is wrongly not verified is only marked, one that is wrongly verified is a lie. What
denies and what is turned round are words of the languages' tables.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from ragchat.answering.grounding.figures import CountedFigure, counted, is_identifier
from ragchat.answering.grounding.opposites import Token, tokens_of, turned_round
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
    tokens: tuple[Token, ...] = ()
    sentences: int = 1


def facts_of(text: str, language: str = "en") -> Facts:
    """Facts of one or a few sentences; `language` is the collection's, whose terms are compared. The text's own is
    told by its words."""
    own = language_of_statement(text, language)
    known = tuple(language_named(code) for code in dict.fromkeys((own, language)))
    reading = read_figures(text, own)
    tokens = _WORD.findall(reading.rest)
    return Facts(
        figures=counted(text, reading, language, _joining(known)),
        tokens=tuple(tokens_of(reading.rest, language, known)),
        sentences=len(sentence_spans(text)),
        names=frozenset(_names(text, language, known[0])) | _identifiers(text, reading, language),
        denied=_denied(reading.rest, language, known),
        negations=sum(_negates(token, known) for token in tokens),
        words=frozenset(token.lower() for token in tokens),
        languages=tuple(one.code for one in known),
    )


def _joining(known: Sequence[Language]) -> frozenset[str]:
    return frozenset[str]().union(*(one.denial.scope_ends for one in known))


def _names(text: str, language: str, own: Language) -> Iterator[str]:
    """Index terms of capitalised words; a sentence's first word too, unless it is a usual one."""
    for match in _NAME.finditer(text):
        yield from _names_in(match, language, own)


def _names_in(match: re.Match[str], language: str, own: Language) -> Iterator[str]:
    numbers = own.numbers
    usual = (own.words.function, own.dates.months, numbers.words, numbers.scales, numbers.alone)
    word = match.group()
    if not match.start() and word[1:].islower() and word.lower() in usual_words(own):
        return
    if len(word) == 1 or not any(character.isupper() for character in word):
        return
    if not any(word.lower() in listed for listed in usual):
        yield from analyze(word, language)


def _names_beside(sentence: str, words: frozenset[str], language: str, own: Language) -> frozenset[str]:
    """Names in clauses that say what the claim says."""
    clauses = re.split(r"[,;:()]\s", sentence)
    return frozenset(
        name
        for clause in clauses
        if len(frozenset(analyze(clause, language)) & words) > 1
        for name in _inner_names(clause, language, own)
    )


def _inner_names(text: str, language: str, own: Language) -> Iterator[str]:
    """Those that do not begin a sentence, a cell or an item, where every word has a capital."""
    for match in _NAME.finditer(text):
        if text[: match.start()].rstrip('*_`"“„ ')[-1:] not in ("", "|", "-", "•", "\n", ":", "."):
            yield from _names_in(match, language, own)


@cache
def usual_words(language: Language) -> frozenset[str]:
    """Words of its table that are no names where a sentence begins with them."""
    opposites = language.opposites
    sides = (side for pair in opposites.pairs for side in pair)
    return frozenset[str]().union(
        language.words.form, language.words.telling, language.sentences.starters, *opposites.alike, *sides
    )


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


def polarity_agrees(claim: Facts, source: Facts, framed: Facts | None = None) -> bool:
    """Whether what the claim denies is denied, what it affirms affirmed, and no word turned round; `framed` are
    the facts of what is read along, which may deny too ("What the warranty does not cover")."""
    along = framed.negations if framed is not None and _denied_along(claim, source, framed) else 0
    if claim.negations > source.negations + along:
        return False
    if claim.negations < source.negations and len(claim.words & source.words) > RESTATED * len(source.words):
        return False
    as_many = claim.negations in (source.negations, source.negations + along)
    if claim.negations and as_many and source.sentences == 1 and not _crossed(claim, source):
        return _straight(claim, source, framed)  # as many: "shows nothing" is "does not show anything"
    for term, places in claim.denied.items():
        there = source.denied.get(term)
        if there is None and framed is not None and not source.negations:
            there = framed.denied.get(term)
        if there is not None and not places <= there:
            return False
    return _straight(claim, source, framed)


def _denied_along(claim: Facts, source: Facts, framed: Facts) -> bool:
    """Whether what the claim denies is denied by what is read along, and nothing by the words quoted."""
    if source.negations:
        return False
    return any(
        0 not in places and 0 not in framed.denied.get(term, {0}) for term, places in claim.denied.items()
    )


def _crossed(claim: Facts, source: Facts) -> bool:
    """Whether each denies what the other affirms: "never under metal" of "under metal, never under plastic"."""

    def affirmed(one: Facts, other: Facts) -> bool:
        return any(
            0 not in places and other.denied.get(term, frozenset()) == frozenset({0})
            for term, places in one.denied.items()
        )

    return affirmed(claim, source) and affirmed(source, claim)


def _straight(claim: Facts, source: Facts, framed: Facts | None) -> bool:
    codes = tuple(dict.fromkeys((*claim.languages, *source.languages)))
    return not turned_round(claim.tokens, source.tokens, framed.words if framed else frozenset(), codes)


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
        if restated and claim.names - terms and _names_beside(sentence, words, language, own) - words:
            return False  # the same sentence with another name in it
    needed = max(1, round(ABOUT_A_NAME * most)) if about else 0
    return all(
        any(name in terms and len(terms & about) >= needed for terms in sentences)
        for name in claim.names - titles
    )
