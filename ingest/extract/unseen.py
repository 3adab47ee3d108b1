"""Words that a file holds and no reader of it sees: they are left out, and what is suspicious about them is noted.

Text is hidden for good reasons as well (menus, drafts, fields). A note is made of words that speak to a language model,
and of those that only somebody who wanted to hide them hides so (white on white, no size). Where a format cannot tell
for sure whether words are seen (white upon who knows what), only those that speak to a model are taken for hidden.
"""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Final

LONGEST_QUOTE: Final = 80
"""Characters of hidden words that a note shows."""
FEWEST: Final = 8
"""Invisible characters in a row that say something; joiners and marks of direction come in ones and twos."""
_TAGS: Final = re.compile(f"(?<!\U0001f3f4)[\U000e0020-\U000e007e]{{{FEWEST},}}")
"""Letters of the Tags block, which nothing shows; behind a black flag they are a flag (UTS 51)."""
_ZERO_WIDTH: Final = re.compile(f"[\u200b-\u200d\u2060-\u2064\ufeff]{{{FEWEST},}}")
_TO_A_MODEL: Final = re.compile(
    r"""\b(?:ignor\w*|disregard|forget|override|vergiss|missachte|oublie\w*)\b[^.!?]{0,60}
        \b(?:instructions?|prompts?|rules|anweisung\w*|regeln|instrucciones|consignes)\b
    | \bsystem[ ]prompt\b | \bprompt[ ]injection\b | \bas[ ]an?[ ](?:ai|assistant|llm)\b
    | \byou[ ]are[ ](?:now[ ])?(?:an?[ ])?(?:ai|assistant|chatbot|language[ ]model|llm)\b
    | \b(?:ai|llm|language[ ]models?|assistants?|chatbots?|copilot|chatgpt|claude)\b[^.!?]{0,40}
        \b(?:must|should|shall|always|never|instructed|instructions?|respond|reply|answer|say|tell)\b
    | \b(?:do[ ]not|don't|never)[ ](?:tell|reveal|mention|inform)\b[^.!?]{0,30}\buser
    | <\|(?:im_start|system|endoftext)\|> | \[/?INST\] | ^[ \t]{0,20}(?:system|assistant)[ \t]{0,9}:""",
    re.IGNORECASE | re.VERBOSE | re.MULTILINE,
)


def speaks_to_a_model(words: str) -> bool:
    """Whether words read like instructions to the program that reads them."""
    return _TO_A_MODEL.search(words) is not None


@dataclass(slots=True)
class Unseen:
    """What was left out of one file, by the way in which it was hidden."""

    counts: Counter[str] = field(default_factory=Counter)
    instructions: dict[str, str] = field(default_factory=dict)

    def notes(self) -> tuple[str, ...]:
        """For the report of a run."""
        told = [
            f"hidden words that speak to an AI left out ({how}): “{words}”"
            for how, words in self.instructions.items()
        ]
        told += [
            f"{number:,} invisible character{'s' * (number > 1)} left out ({how})"
            for how, number in self.counts.items()
            if how not in self.instructions
        ]
        return tuple(told)


_watching: ContextVar[Unseen | None] = ContextVar("unseen", default=None)


@contextmanager
def watching() -> Iterator[Unseen]:
    """Collects what is left out of the file that is read inside; of a file within it, apart."""
    unseen = Unseen()
    token = _watching.set(unseen)
    try:
        yield unseen
    finally:
        _watching.reset(token)


def left_out(words: str, how: str, *, usual: bool = False) -> None:
    """Tells of words that are not served; `usual` for a way in which much is hidden for good reasons."""
    unseen, words = _watching.get(), " ".join(words.split())
    if unseen is None or not words:
        return
    if speaks_to_a_model(words):
        shown = words if len(words) <= LONGEST_QUOTE else words[: LONGEST_QUOTE - 1].rstrip() + "…"
        unseen.instructions.setdefault(how, shown)
    elif not usual:
        unseen.counts[how] += len(words)


def watch_characters(text: str) -> None:
    """Tells of what is written in characters that nothing shows. Cleaning takes them out."""
    if _watching.get() is None:
        return
    for run in _TAGS.findall(text):
        left_out("".join(chr(ord(letter) - 0xE0000) for letter in run), "characters that nothing shows")
    for run in _ZERO_WIDTH.findall(text):
        left_out("." * len(run), "zero-width characters")
