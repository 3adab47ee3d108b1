"""SubRip and WebVTT: what is said, in paragraphs by speaker, each with the time at which it begins.

Cues are cut to fit a screen; sentences run over them. A paragraph ends where another speaks, where nobody speaks for a
while, or at the end of a sentence once it is long. Captions that roll (each cue repeats the line before) are said once.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from typing import Final

from ingest.extract.assembly.building import TextBuilder
from ingest.extract.charset import decode
from ingest.extract.clean import clean_characters, humanised
from ingest.extract.extracted import Extracted

PAUSE: Final = 4.0
"""Seconds without a word that end a paragraph."""
LONG: Final = 400
"""Code points from which on a paragraph ends with its sentence."""
_TIMES: Final = re.compile(
    r"\s*(?:(\d{1,3}):)?(\d{1,2}):(\d{2})[.,](\d{1,3})\s*-->\s*(?:(\d{1,3}):)?(\d{1,2}):(\d{2})[.,](\d{1,3})"
)
_NUMBER: Final = re.compile(r"\d{1,7}")
_VOICE: Final = re.compile(r"<v(?:\.[\w.]{1,80})?[ \t]+([^<>\n]{1,200})>")
_TAG: Final = re.compile(
    r"</?(?:[biuscv]|lang|ruby|rt|font|\d{1,2}:[\d:.]{4,12})(?:[ .][^<>\n]{0,200})?>|\{\\[^}\n]{1,100}\}"
)
_SPEAKER: Final = re.compile(
    r"(?:-[ \t]*)?(?!Note\b|Warning\b|Tip\b)"
    r"([A-ZÀ-Þ][\w.'’-]{1,20}(?: [A-ZÀ-Þ][\w.'’-]{0,20}){0,2}):[ \t]+(?=\S)"
)
"""A name of up to three words before a colon."""


@dataclass(frozen=True, slots=True)
class Cue:
    """What is shown at a time, in seconds from the start; `speaker` "" where none is named."""

    start: float
    end: float
    speaker: str
    text: str


def extract(data: bytes, name: str) -> Extracted:
    """Paragraphs in order; the title is the file's name."""
    text = clean_characters(decode(data))
    media_type = "text/vtt" if text.lstrip().startswith("WEBVTT") else "application/x-subrip"
    title, builder = humanised(name), TextBuilder()
    builder.heading(1, title)
    before = builder.length
    for start, line in _paragraphs(_spoken_once(_cues(text))):
        builder.block(f"[{_clock(start)}] {line}")
    reason = "" if builder.length > before else "the subtitles say nothing"
    shown = "" if reason else builder.text
    return Extracted(
        shown,
        title,
        media_type,
        headings=tuple(builder.headings) if shown else (),
        reason=reason,
        blocks=builder.blocks if shown else (),
    )


def _cues(text: str) -> Iterator[Cue]:
    """What is said at each time. A speaker who is named in WebVTT's way speaks until another one does."""
    speaker = ""
    for match, said in _timed(text):
        start, end = _seconds(match.groups()[:4]), _seconds(match.groups()[4:])
        pieces = _VOICE.split(said)
        for voice, words in zip(["", *pieces[1::2]], pieces[::2], strict=True):
            spoken = "\n".join(filter(None, (_plain(line) for line in words.split("\n"))))
            named = _SPEAKER.match(spoken)
            if voice:
                speaker = voice.strip()
            elif named and not voice:
                speaker, spoken = named[1].strip(), spoken[named.end() :]
            if spoken:
                yield Cue(start, end, speaker, spoken)


def _timed(text: str) -> Iterator[tuple[re.Match[str], str]]:
    """Each line of times with what is shown until the next one: the number above that and blank lines are no part of
    it; what stands behind a blank line (a note, a style) neither."""
    lines = text.split("\n")
    marks = [(number, match) for number, line in enumerate(lines) if (match := _TIMES.match(line))]
    for (number, match), (after, _) in zip(marks, [*marks[1:], (len(lines), None)], strict=True):
        shown = lines[number + 1 : after]
        if after < len(lines) and shown and _NUMBER.fullmatch(shown[-1].strip()):
            shown.pop()
        blank = next((place for place, line in enumerate(shown) if not line.strip()), len(shown))
        yield match, "\n".join(shown[:blank])


def _seconds(parts: tuple[str | None, ...]) -> float:
    hours, minutes, seconds, fraction = parts
    return int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds or 0) + float(f"0.{fraction or 0}")


def _plain(line: str) -> str:
    return " ".join(unescape(_TAG.sub("", line)).split())


def _spoken_once(cues: Iterator[Cue]) -> Iterator[Cue]:
    """Without lines that the cue before has shown already."""
    before: list[str] = []
    for cue in cues:
        lines = cue.text.split("\n")
        new = lines
        for count in range(min(len(before), len(lines)), 0, -1):
            if before[-count:] == lines[:count]:
                new = lines[count:]
                break
        before = lines
        if new:
            yield Cue(cue.start, cue.end, cue.speaker, " ".join(new))


def _paragraphs(cues: Iterator[Cue]) -> Iterator[tuple[float, str]]:
    start, end, speaker, words = 0.0, 0.0, "", ""
    for cue in cues:
        done = words.endswith((".", "!", "?", "…", "。", "！", "？", '."', ".”"))
        if words and (cue.speaker != speaker or cue.start - end > PAUSE or (done and len(words) > LONG)):
            yield start, _line(speaker, words)
            words = ""
        if not words:
            start, speaker = cue.start, cue.speaker
        words = f"{words} {cue.text}".strip()
        end = cue.end
    if words:
        yield start, _line(speaker, words)


def _line(speaker: str, words: str) -> str:
    return f"{speaker}: {words}" if speaker else words


def _clock(seconds: float) -> str:
    whole = int(seconds)
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"
