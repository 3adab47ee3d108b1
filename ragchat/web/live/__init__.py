"""Answers that are being made, and everybody who follows them: here, on another worker, after a restart.

Each runs in a task of its own (`answer`); what it says is in the journal before anybody is shown it (`journaling`).
`LiveAnswers` knows those of this process and finds the others by their journal (`elsewhere`).
"""

from ragchat.web.live.answer import Entry, Followed, LiveAnswer
from ragchat.web.live.answers import LiveAnswers

__all__ = ["Entry", "Followed", "LiveAnswer", "LiveAnswers"]
