"""The hard facts of a sentence that must not differ from its source: names, negation, direction (figures: figures.py).

Meaning and word overlap cannot see them: "5 days" and "6 days" are as near as two sentences can be. Every check errs
towards "differs": a sentence that is wrongly not verified is only marked, one that is wrongly verified is a lie.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ragchat.answering.grounding import foreign_facts
from ragchat.answering.grounding.figures import MONTHS, WORD_NUMBERS, Figure, figures_of
from ragchat.language.analysis import analyze
from ragchat.language.sentences import sentence_spans
from ragchat.language.tables import language_named


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


ABOUT_A_NAME: Final = 0.4
"""Share of what the best sentence holds of a claim that the sentence of a name must hold."""
_WORD: Final = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_CLAUSE_TOKEN: Final = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*|[,;:.!?()]")
_NEGATIONS: Final = _words(
    """not no never none nobody nothing neither nor without cannot unable except excluding lack lacks lacking fail fails
    failed hardly barely nowhere"""
) | foreign_facts.NEGATIONS  # fmt: skip
_SCOPE_ENDS: Final = _words("and or but because which that if when while unless") | foreign_facts.SCOPE_ENDS
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
) + foreign_facts.OPPOSITES  # fmt: skip


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
    tokens = _WORD.findall(text)
    return Facts(
        figures=figures_of(text, language),
        names=frozenset(_names(text, language)),
        denied=_denied(text, language),
        negations=sum(_negates(token) for token in tokens),
        words=frozenset(token.lower() for token in tokens),
    )


def _names(text: str, language: str) -> Iterator[str]:
    """Index terms of capitalised words; a sentence's first word too, unless it is a usual one."""
    for match in re.finditer(r"[^\W\d_][\w&'’-]*", text):
        word = match.group()
        lowered = word.lower()
        if not (word[0].isupper() or any(c.isupper() for c in word[1:])):
            continue
        if (
            lowered in language_named("en").words.function
            or lowered in MONTHS
            or lowered in WORD_NUMBERS
            or len(word) == 1
        ):
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
    does not count: "Ask Ann about pay. Tom runs IT." does not support "Ask Tom about pay". Nor does a title's name in
    the place of the one that a sentence has.
    """
    if not claim.names:
        return True
    about = words - claim.names
    said = [span.of(text) for text, _ in sources for span in sentence_spans(text)]
    sentences = [frozenset(analyze(sentence, language)) for sentence in said]
    most = max((len(terms & about) for terms in sentences), default=0)
    for sentence, terms in zip(said, sentences, strict=True):
        restated = len(terms & about) == most >= RESTATED * len(about)
        if restated and claim.names - terms and frozenset(_names(sentence, language)) - words:
            return False  # the same sentence with another name in it
    needed = max(1, round(ABOUT_A_NAME * most)) if about else 0
    return all(
        any(name in terms and len(terms & about) >= needed for terms in sentences)
        for name in claim.names - titles
    )
