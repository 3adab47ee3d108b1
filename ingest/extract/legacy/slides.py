"""The text of a PowerPoint 97 presentation, slide by slide ([MS-PPT] 2.3 "Record Types").

What an outline shows stands in the list of slides; boxes on a slide stand in the slide's own record, which the list
names by an id that the persist directories place in the stream (the last one counts: files are saved by appending).
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from ingest.extract.assembly.building import TextBuilder
from ingest.extract.legacy.container import Container

_CONTAINER: Final = 0xF
_DOCUMENT, _SLIDE_LIST, _SLIDE_PLACE, _DIRECTORY = 1000, 4080, 1011, 6002
_HEADER, _CHARACTERS, _BYTES = 3999, 4000, 4008
_TITLES: Final = (0, 6)
MOST_DEPTH: Final = 30
MOST_SLIDES: Final = 5_000


class Record(NamedTuple):
    """`version` and `instance` as in the header; its content is `[start, end)` of the stream."""

    version: int
    instance: int
    kind: int
    start: int
    end: int


@dataclass(slots=True)
class _Slide:
    """Texts with the kind of place that they stand in (0 and 6: a title)."""

    reference: int
    texts: list[tuple[int, str]] = field(default_factory=list)


def add_slides(builder: TextBuilder, container: Container) -> None:
    """Append each slide as a page: its title as heading, its texts as paragraphs."""
    stream = container.stream("PowerPoint Document")
    places = _places(stream)
    for number, slide in enumerate(_slides(stream), 1):
        builder.page()
        said = list(slide.texts)
        place = places.get(slide.reference)
        if place is not None:
            known = {text for _, text in said}
            said += [one for one in _texts_at(stream, place) if one[1] not in known]
        title = next((text for kind, text in said if kind in _TITLES and text.strip()), "")
        builder.heading(1, title or f"Slide {number}")
        for kind, text in said:
            if not (kind in _TITLES and text == title):
                for paragraph in text.split("\r"):
                    builder.block(paragraph.replace("\x0b", "\n"))


def _records(stream: bytes, start: int, end: int) -> Iterator[Record]:
    while start + 8 <= end:
        head, kind, size = struct.unpack_from("<HHI", stream, start)
        stop = min(start + 8 + size, end)
        yield Record(head & 0xF, head >> 4, kind, start + 8, stop)
        start = stop


def _places(stream: bytes) -> dict[int, int]:
    """Where in the stream each persistent object begins."""
    places: dict[int, int] = {}
    for record in _records(stream, 0, len(stream)):
        place = record.start
        while record.kind == _DIRECTORY and place + 4 <= record.end:
            (entry,) = struct.unpack_from("<I", stream, place)
            first, count = entry & 0xFFFFF, min(entry >> 20, (record.end - place - 4) // 4)
            offsets = struct.unpack_from(f"<{count}I", stream, place + 4)
            places.update((first + number, offset) for number, offset in enumerate(offsets))
            place += 4 + 4 * count
    return places


def _slides(stream: bytes) -> list[_Slide]:
    """Of the last list of slides: a file saved again holds the older ones too."""
    found: list[_Slide] = []
    for record in _records(stream, 0, len(stream)):
        if record.kind != _DOCUMENT:
            continue
        for inner in _records(stream, record.start, record.end):
            if inner.kind == _SLIDE_LIST and inner.instance == 0:
                found = list(_listed(stream, inner))[:MOST_SLIDES]
    return found


def _listed(stream: bytes, holder: Record) -> Iterator[_Slide]:
    slide: _Slide | None = None
    kind = 4
    for record in _records(stream, holder.start, holder.end):
        if record.kind == _SLIDE_PLACE:
            if slide is not None:
                yield slide
            slide = _Slide(struct.unpack_from("<I", stream, record.start)[0])
        elif record.kind == _HEADER:
            (kind,) = struct.unpack_from("<I", stream, record.start)
        elif (text := _said(stream, record)) and slide is not None:
            slide.texts.append((kind, text))
    if slide is not None:
        yield slide


def _texts_at(stream: bytes, place: int) -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = []
    record = next(_records(stream, place, len(stream)), None)
    if record is not None:
        _collect(stream, record, found, 0)
    return found


def _collect(stream: bytes, holder: Record, found: list[tuple[int, str]], depth: int) -> None:
    kind = 4
    for record in _records(stream, holder.start, holder.end):
        if record.kind == _HEADER:
            (kind,) = struct.unpack_from("<I", stream, record.start)
        elif text := _said(stream, record):
            found.append((kind, text))
        elif record.version == _CONTAINER and depth < MOST_DEPTH:
            _collect(stream, record, found, depth + 1)


def _said(stream: bytes, record: Record) -> str:
    content = stream[record.start : record.end]
    if record.kind == _CHARACTERS:
        return content.decode("utf-16-le", "replace")
    return content.decode("cp1252", "replace") if record.kind == _BYTES else ""
