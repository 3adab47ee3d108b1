"""Who asked what we could not answer: refused and disliked questions, the same question in other words counted once.

Two questions are the same when they hold the same index terms in their language: order, inflection and function words
do not count.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from ragchat.conversations.values import Unanswered
from ragchat.language.analysis import analyze
from ragchat.language.detection import language_of_question


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that the documents do not hold. `question` is its latest wording, `reasons` most frequent first."""

    question: str
    times: int
    reasons: tuple[str, ...]
    last_asked: datetime
    comments: tuple[str, ...]

    def as_json(self) -> dict[str, object]:
        return {
            "question": self.question,
            "times": self.times,
            "reasons": list(self.reasons),
            "last_asked": self.last_asked.isoformat(),
            "comments": list(self.comments),
        }


def group(questions: Iterable[Unanswered], language: str = "en") -> list[Gap]:
    """Gaps, most often asked first, then latest first; `language` is that of questions whose own cannot be told."""
    same: dict[frozenset[str] | str, list[Unanswered]] = {}
    for asked in questions:
        terms = frozenset(analyze(asked.question, language_of_question(asked.question, language)))
        same.setdefault(terms or asked.question.strip().casefold(), []).append(asked)
    gaps = [_gap(asked) for asked in same.values()]
    return sorted(gaps, key=lambda gap: (gap.times, gap.last_asked), reverse=True)


def _gap(asked: list[Unanswered]) -> Gap:
    latest = max(asked, key=lambda one: one.asked)
    reasons = Counter(one.why for one in asked)
    return Gap(
        question=latest.question,
        times=len(asked),
        reasons=tuple(reason for reason, _ in reasons.most_common()),
        last_asked=latest.asked,
        comments=tuple(one.comment for one in asked if one.comment),
    )
