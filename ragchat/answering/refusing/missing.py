"""What of a question stands nowhere in the documents, in the person's own words: "Nothing about “Bluetooth 6”."

Only what can be told for sure is named: a name, a figure or an identifier whose words stand in no chunk, a name with a
number beside it ("Bluetooth 6") of which no text that was found holds both, and a plain word that stands in no chunk
where the second reader says that it was meant (doubting.py): "my laptop died" is not about dying.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from ragchat.answering.question.question import Question
from ragchat.language.analysis import analyze
from ragchat.retrieval.scoring.rarity import Rarity

_NAMED: Final = re.compile(
    r"(?<!^)\b[A-Z][\w-]{1,40}(?:[ -][A-Z\d][\w.-]{0,40}){0,3}"
    r"|\b[^\W\d][\w-]{2,40} \d[\w.-]{0,10}(?!\w)(?! ?[^\W\d])|\b\w{0,40}\d[\w.-]{0,40}"
)
MOST: Final = 3


def missing_in(
    question: Question, rarity: Rarity, texts: Sequence[str], doubted: str = ""
) -> tuple[str, ...]:
    """Names and figures of the question that no chunk holds, and the word `doubted` if none holds it, at most MOST;
    `texts` are those that were found."""
    found = [frozenset(analyze(text, question.language)) for text in texts]
    return tuple(dict.fromkeys(_missing(question, rarity, found, doubted)))[:MOST]


def _missing(
    question: Question, rarity: Rarity, found: Sequence[frozenset[str]], doubted: str
) -> Iterator[str]:
    for match in _NAMED.finditer(question.said):
        terms = analyze(match.group(), question.language)
        if not terms:
            continue
        unheard = any(rarity.unheard(term) for term in terms)
        apart = len(terms) > 1 and not any(set(terms) <= words for words in found)
        if unheard or apart:
            yield _without_small_words(match.group(), question.language).strip(" .,-")
    if any(rarity.unheard(term) for term in analyze(doubted, question.language)):
        yield doubted.strip("?!.,;:()\"'")


def _without_small_words(words: str, language: str) -> str:
    """Without the function words that it begins with ("in 2019")."""
    while " " in words and not analyze(words.split(" ", 1)[0], language):
        words = words.split(" ", 1)[1]
    return words
