"""How a model's answer ends: answered, incomplete, blocked, or refused with what comes nearest.

Only an answer that the service ended with a reason of its own is whole: one that was cut, filtered or broken off,
or that ends without saying why, is incomplete. What a model says when the sources hold no answer is data of the
languages' tables.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final, TypeAlias

from ragchat.answering.events import Event, Source
from ragchat.answering.refusing.refusal import refusal
from ragchat.answering.reply import Reply
from ragchat.errors import UpstreamFailed
from ragchat.language.language import Language
from ragchat.language.phrases import beginning
from ragchat.language.tables import languages

FILTERED: Final = frozenset(
    {"content_filter", "refusal", "safety", "blocklist", "prohibited_content", "recitation"}
)
CUT_SHORT: Final = frozenset({"length", "max_tokens"})
LONGEST_APOLOGY: Final = 400
"""Code points up to which an answer may be nothing but "the sources do not say"."""

Nearest: TypeAlias = Callable[[Reply], Iterable[Event]]
"""Says the nearest passages where there is no answer, and ends."""


@dataclass(frozen=True, slots=True)
class Said:
    """How the stream ended: the provider's reason ("" for none), broken off or not; whether a blocked word ended
    it, and whether sentences were dropped because nothing supports them (strict)."""

    finish: str
    broken: bool
    blocked: bool
    dropped: bool

    @property
    def filtered(self) -> bool:
        return self.finish.lower() in FILTERED

    @property
    def cut(self) -> bool:
        return self.broken or not self.finish or self.finish.lower() in CUT_SHORT


def listed(sources: Sequence[Source]) -> Nearest:
    """The nearest sources by their places alone, for want of quotes."""

    def said(reply: Reply) -> Iterator[Event]:
        refused = refusal("low_support", sources)
        yield reply.say(refused.message)
        yield reply.done("refused", refused)

    return said


def ended(said: Said, reply: Reply, sources: Sequence[Source], nearest: Nearest) -> Iterator[Event]:
    """What is still said, and the end. Raises UpstreamFailed where the answer was cut before its first words."""
    if said.blocked or (said.filtered and not reply.text.strip()):
        refused = refusal("blocked", () if said.blocked else sources)
        yield reply.say(f"{' ' if reply.length else ''}{refused.message}")
        yield reply.done("blocked", refused)
    elif reply.text.strip() and not (says_no_answer(reply.text) and not reply.verified):
        yield reply.done("incomplete" if said.cut or said.filtered else "answered")
    elif said.cut and not said.dropped and not reply.length:
        raise UpstreamFailed(
            "The model's answer was cut off before its first words.",
            hint="Raise the number of tokens that it may write, or try again.",
            code="cut_short",
        )
    else:
        if reply.length:
            yield reply.say("\n\n")
        # What made a model say the unsupported may stand in the passages themselves: their words are not repeated then.
        yield from (listed(sources) if said.dropped else nearest)(reply)


def says_no_answer(text: str) -> bool:
    """Whether an answer says no more than that the sources hold none, in a language that has a table."""
    told = text.strip().strip("*_\"'“”„«» ")
    return len(told) <= LONGEST_APOLOGY and any(
        pattern.match(told) is not None
        for pattern in map(_apology, languages().values())
        if pattern is not None
    )


@cache
def _apology(language: Language) -> re.Pattern[str] | None:
    return beginning(language.writing.no_answer)
