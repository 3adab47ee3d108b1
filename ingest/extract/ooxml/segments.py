"""Runs of a line on their way to text: neighbours of one look are written as one, raised, lowered or struck."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from ingest.extract.assembly.inline import link, lowered, raised, struck

Level: TypeAlias = Literal["raised", "lowered", ""]

LONGEST_MARK: Final = 3
"""Letters of a raised or lowered mark at most."""
_PLACED: Final[dict[str, Callable[[str, str], str]]] = {"raised": raised, "lowered": lowered}


@dataclass(frozen=True, slots=True)
class Segment:
    """Words of one look."""

    text: str
    level: Level = ""
    struck: bool = False
    bold: bool = False


def rendered(segments: Sequence[Segment]) -> str:
    """The words of segments."""
    text = ""
    place = 0
    while place < len(segments):
        first, end = segments[place], place + 1
        while end < len(segments) and _look(segments[end]) == _look(first):
            end += 1
        run = "".join(segment.text for segment in segments[place:end])
        if first.level and _is_mark(run.strip()):
            run = _PLACED[first.level](run, text) + run[len(run.rstrip()) :]
        text += struck(run) if first.struck else run
        place = end
    return text


def _is_mark(text: str) -> bool:
    """Whether raised or lowered text means something by it: not a word, nor a reference in brackets."""
    words = text.isalpha() and len(text) > LONGEST_MARK
    return bool(text) and not words and " " not in text and not (text[0] in "[(" and text[-1] in ")]")


def _look(segment: Segment) -> tuple[Level, bool]:
    return segment.level, segment.struck


def put_link(segments: list[Segment], start: int, address: str) -> None:
    """The segments from `start` become a link."""
    words = rendered(segments[start:])
    if words.strip() and address:
        segments[start:] = [Segment(link(words, address))]


def all_bold(segments: Sequence[Segment]) -> bool:
    """Whether all words are in bold."""
    inked = [segment for segment in segments if segment.text.strip()]
    return bool(inked) and all(segment.bold for segment in inked)
