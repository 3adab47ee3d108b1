"""What crosses the pipe between a run and its reading child: documents as JSON rows, both ways.

No pickle: a child that was broken by a hostile file must not reach its parent.
"""

from collections.abc import Mapping
from dataclasses import asdict, replace

from ingest.extract.extracted import Extracted, Part
from ragchat.documents import Block, Heading, Span
from ragchat.errors import DocumentFailed


def extracted_row(extracted: Extracted) -> dict[str, object]:
    """As it crosses the pipe, with its parts."""
    return asdict(replace(extracted, blocks=(), parts=())) | {
        "blocks": [block_row(block) for block in extracted.blocks],
        "parts": [
            {"name": part.name, "code": part.code, "message": part.message, "digest": part.digest}
            | ({"extracted": extracted_row(part.extracted)} if part.extracted is not None else {})
            for part in extracted.parts
        ],
    }


def block_row(block: Block) -> list[object]:
    """A block as it crosses the pipe: kind, start, end, parent, lead."""
    lead = None if block.lead is None else [block.lead.start, block.lead.end]
    return [block.kind, block.span.start, block.span.end, block.parent, lead]


def from_answer(answer: Mapping[str, object]) -> Extracted:
    match answer:
        case {"failed": {"message": str(message), "hint": str(hint), "code": str(code)}}:
            raise DocumentFailed(message, hint=hint, code=code)
        case {"extracted": dict(row)}:
            return _from_row(row)
        case _:
            raise DocumentFailed("made the reader answer nonsense.", code="crashed")


def _from_row(row: Mapping[str, object]) -> Extracted:
    """From `extracted_row`."""
    return Extracted(
        str(row["text"]),
        str(row["title"]),
        str(row["media_type"]),
        pages=_ints(row["pages"]),
        headings=_headings(row["headings"]),
        metadata=_scalars(row["metadata"]),
        reason=str(row["reason"]),
        notes=_strings(row["notes"]),
        blocks=_blocks(row["blocks"]),
        parts=_parts(row["parts"]),
    )


def _parts(values: object) -> tuple[Part, ...]:
    rows = values if isinstance(values, list) else []
    return tuple(
        Part(
            str(row["name"]),
            _from_row(row["extracted"]) if "extracted" in row else None,
            str(row["code"]),
            str(row["message"]),
            str(row["digest"]),
        )
        for row in rows
    )


def _ints(values: object) -> tuple[int, ...]:
    return tuple(int(value) for value in values) if isinstance(values, list) else ()


def _strings(values: object) -> tuple[str, ...]:
    return tuple(str(value) for value in values) if isinstance(values, list) else ()


def _headings(values: object) -> tuple[Heading, ...]:
    rows = values if isinstance(values, list) else []
    return tuple(Heading(int(row["offset"]), int(row["level"]), str(row["title"])) for row in rows)


def _blocks(values: object) -> tuple[Block, ...]:
    """From rows of `block_row`."""
    rows = values if isinstance(values, list) else []
    return tuple(
        Block(kind, Span(start, end), parent, Span(*lead) if lead else None)
        for kind, start, end, parent, lead in rows
    )


def _scalars(values: object) -> dict[str, str | int | float | bool | None]:
    return dict(values) if isinstance(values, dict) else {}
