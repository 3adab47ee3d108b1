"""Follow-up questions made to stand alone without a model: what "it" or "and in Berlin?" refers to is added."""

import re
from collections.abc import Sequence

from ragchat.answering.request import Turn

_POINTER = re.compile(
    r"\b(?:it|its|they|them|their|this|that|these|those|he|him|his|she|her|one|ones|there|such|same|former|latter)\b",
    re.I,
)
_ELLIPSIS = re.compile(
    r"^(?:and|but|or|so|what about|how about|also|then|why|how so|really|any other|which one)\b", re.I
)


def stands_alone(question: str, history: Sequence[Turn]) -> bool:
    """Whether the question can be searched for as it is."""
    if not any(turn.role == "user" for turn in history):
        return True
    return not (_POINTER.search(question) or _ELLIPSIS.search(question.strip()) or len(question.split()) < 4)


def rewritten(question: str, history: Sequence[Turn]) -> str:
    """The question with what it refers to added from the last answered turn."""
    if stands_alone(question, history):
        return question
    asked = [turn.content for turn in history if turn.role == "user"]
    return f"{question} ({asked[-1]})"
