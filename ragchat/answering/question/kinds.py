"""What kinds of thing a question asks for, told by its question words; several at once, or none.

The words are the language's (its table); what follows from a kind is learned, not written here.
"""

from ragchat.language.language import QuestionKind
from ragchat.language.phrases import anywhere
from ragchat.language.tables import language_named

__all__ = ["QuestionKind", "kinds_of"]


def kinds_of(question: str, language: str) -> frozenset[QuestionKind]:
    """The kinds that its words name in a language (ISO 639-1)."""
    patterns = ((kind, anywhere(phrases)) for kind, phrases in language_named(language).questions.items())
    return frozenset(kind for kind, pattern in patterns if pattern is not None and pattern.search(question))
