"""Follow-up questions made to stand alone, so that they can be searched for.

Without a model, a question that points back is searched along with the most telling words of the last turns: rare
in the corpus, recent, said by the user rather than by us. They weigh less than its own words: with the same weight,
or as whole turns, they drown it (bench/followups). With a model it is one short call
(ragchat.answering.writing.calls.rewriting), whose failure falls back to them.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ragchat.answering.grounding.overlap import Idf
from ragchat.answering.request import Turn
from ragchat.language.analysis import analyze
from ragchat.language.detection import language_of_question
from ragchat.language.phrases import anywhere, beginning
from ragchat.language.tables import language_named

ALONG, ADDED = 6, 2
"""Words searched along with the question; those of them that are written into it for people and for quoting."""
TURNS, AGEING, OURS = 6, 0.4, 0.5
"""Messages looked at; weight kept by each older user turn; weight of our own answers beside the user's."""
SHORT: Final = 6
"""Words below which a question in a conversation is taken to lean on what was said."""

_WORD: Final = re.compile(r"\w[\w.'-]*")


def needs_history(question: str, history: Sequence[Turn], language: str = "en") -> bool:
    """Whether the question leans on what was said before. Its own language is told by its words, `language` is what it
    is taken for where they do not tell."""
    if not any(turn.role == "user" for turn in history):
        return False
    question = question.strip()
    if len(question.split()) < SHORT:
        return True
    words = language_named(language_of_question(question, language)).follow_up
    pointer, opening = anywhere(words.pointers), beginning(words.openings)
    return bool((pointer and pointer.search(question)) or (opening and opening.match(question)))


def words_said(history: Sequence[Turn], language: str) -> set[str]:
    """The index terms of the turns that a follow-up may take words from."""
    return {term for turn in relevant(history)[-TURNS:] for term in analyze(turn.content, language)}


def _equally(term: str) -> float:
    """The idf of a corpus that nothing is known of."""
    return 1.0


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A question as it is searched for: its own words, and telling ones of the conversation, best first."""

    question: str
    telling: tuple[str, ...] = ()

    @property
    def context(self) -> str:
        """What is searched along at less weight (SearchOptions.context)."""
        return " ".join(self.telling)

    @property
    def wording(self) -> str:
        """The question in words that can be understood alone; what sentences are compared with."""
        return " ".join([self.question, *self.telling[:ADDED]])


def follow_up(question: str, history: Sequence[Turn], idf: Idf = _equally, language: str = "en") -> FollowUp:
    """The question with the words that say what it points back to; without any when it stands alone."""
    if not needs_history(question, history, language):
        return FollowUp(question)
    return FollowUp(question, tuple(_telling(question, history, idf, language)))


def _telling(question: str, history: Sequence[Turn], idf: Idf, language: str) -> list[str]:
    """Words of the last turns that say what they were about, most telling first."""
    asked = set(analyze(question, language))
    own = language_of_question(question, language)
    unsaid = language_named(own).follow_up.telling_nothing
    scores: Counter[str] = Counter()
    spelling: dict[str, str] = {}
    age = 0
    for turn in reversed(relevant(history)[-TURNS:]):
        weight = AGEING**age * (1.0 if turn.role == "user" else OURS)
        age += turn.role == "user"
        said: Counter[str] = Counter()
        for word in _WORD.findall(turn.content):
            for term in analyze(word, language)[:1]:
                if term not in asked and len(term) > 2 and word.lower() not in unsaid:
                    said[term] += 1
                    spelling.setdefault(term, word.rstrip(".'-"))
        for term, count in said.items():
            scores[term] += weight * min(count, 3) ** 0.5 * idf(term)
    return [spelling[term] for term, _ in scores.most_common(ALONG)]


def relevant(history: Sequence[Turn]) -> list[Turn]:
    """The turns without refusals; their questions stay, because a follow-up may put them in other words."""
    return [turn for turn in history if not (turn.role == "assistant" and turn.refused)]
