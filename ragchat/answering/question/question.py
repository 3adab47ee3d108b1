"""The question, taken apart once and handed down: what every later step of an answer knows of it.

`understood` costs no call for a question that stands alone, one (for idf) for one that points back into the
conversation.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from ragchat.answering.question.asked import Asked, asked
from ragchat.answering.question.follow_up import FollowUp, follow_up, needs_history, words_said
from ragchat.answering.question.kinds import QuestionKind, kinds_of
from ragchat.answering.question.smalltalk import without_courtesy
from ragchat.answering.request import Turn
from ragchat.corpus.contract import Snapshot
from ragchat.language.phrases import beginning
from ragchat.language.tables import language_named
from ragchat.retrieval.scoring.rarity import rarity_of


@dataclass(frozen=True)
class Question:
    """`said` is the message without courtesy; `search` its words, with those of the conversation that go along;
    `language` the collection's (ISO 639-1), whose analysis makes `asked`."""

    said: str
    search: FollowUp
    language: str

    @property
    def wording(self) -> str:
        """In words that can be understood alone; what texts are compared with."""
        return self.search.wording

    @cached_property
    def asked(self) -> Asked:
        """Its content words, names, figures and identifiers."""
        return asked(self.wording, self.language)

    @cached_property
    def kinds(self) -> frozenset[QuestionKind]:
        """What it asks for. The "and" that a follow-up begins with joins it to the question before: it asks for no two
        things."""
        opening = beginning(language_named(self.language).follow_up.openings) if self.search.telling else None
        linked = opening.match(self.said) if opening is not None else None
        return kinds_of(self.said[linked.end() :] if linked else self.said, self.language)


def leans_back(message: str, history: Sequence[Turn], language: str) -> bool:
    """Whether the question cannot be searched for without what was said before; `language` is the collection's."""
    return needs_history(without_courtesy(message), history, language)


def understood(message: str, history: Sequence[Turn], snapshot: Snapshot) -> Question:
    """The question as it can be searched for without a model."""
    said = without_courtesy(message)
    language = snapshot.language
    if not needs_history(said, history, language):
        return Question(said, FollowUp(said), language)
    rarity = rarity_of(snapshot, words_said(history, language))
    return Question(said, follow_up(said, history, rarity, language), language)


def reworded(question: Question, wording: str) -> Question:
    """The question in a model's stand-alone words."""
    return Question(question.said, FollowUp(wording), question.language)
