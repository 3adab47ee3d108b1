"""A letter as blocks: its subject as heading, its fields as pairs, its bodies, and the letters inside of it below.

Bodies are read by what reads them anywhere (plain text, HTML) and placed under the message's heading, whatever
headings they have of their own.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ingest.extract.assembly.building import TextBuilder
from ingest.extract.assembly.paragraphs import told_apart
from ingest.extract.clean import clean, one_line
from ingest.extract.html import extract_fragment
from ingest.extract.mail.attached import safe_name
from ingest.extract.mail.letter import Body, Letter
from ingest.extract.mail.lines import is_attribution, unwrapped
from ingest.extract.plain import extract as extract_plain
from ragchat.documents import Block, Heading

NO_SUBJECT = "Mail without subject"
LONGEST_SUBJECT = 1000
MOST_NAMED = 200
"""Attachments that a message names."""


@dataclass(slots=True)
class _Lowered(TextBuilder):
    """A builder whose headings stand below others: `below` of them are above its first, which does not say `shown`
    again, the last of them."""

    below: int = 0
    shown: str = ""

    def heading(self, level: int, title: str, text: str = "") -> None:
        if not self.length and one_line(title) == self.shown:
            return
        level = min(max(level, 1) + self.below, 6)
        TextBuilder.heading(self, level, title, f"{'#' * level}{text.lstrip('#')}" if text else "")


@dataclass(frozen=True, slots=True)
class Piece:
    """A finished text with what it is built of."""

    text: str
    headings: tuple[Heading, ...]
    blocks: tuple[Block, ...]


def append_letter(builder: TextBuilder, letter: Letter, title: str = "") -> None:
    """A whole message behind what is there; `title` stands in for a subject that it lacks."""
    piece = _piece(letter, 1, title or NO_SUBJECT)
    builder.append(piece.text, piece.headings, piece.blocks)


def _piece(letter: Letter, level: int, title: str) -> Piece:
    head = TextBuilder()
    head.heading(level, one_line(letter.subject)[:LONGEST_SUBJECT] or title)
    names = [safe_name(name, number) for number, (name, _) in enumerate(letter.attached[:MOST_NAMED], 1)]
    fields = {
        "From": letter.sender,
        "To": letter.to,
        "Cc": letter.copied,
        "Date": letter.date,
        "Attachments": ", ".join(names),
    }
    for name, value in fields.items():
        if value := one_line(value):
            head.block(f"{name}: {value}", "pair", gap="\n" if head.text.count("\n") > 1 else "\n\n")
    pieces = [Piece(head.text, tuple(head.headings), head.blocks)]
    pieces += [_body(body, level, head.headings[0].title) for body in letter.bodies]
    pieces += [_piece(inner, level + 1, NO_SUBJECT) for inner in letter.enclosed]
    return _stacked(pieces)


def _body(body: Body, level: int, title: str) -> Piece:
    if body.html:
        builder = _Lowered(below=level, shown=title)
        extract_fragment(body.text, builder)
        return Piece(builder.text, tuple(builder.headings), told_apart(builder.blocks, builder.text))
    read = extract_plain(clean(unwrapped(body)).encode("utf-8"), "message.txt")
    return Piece(read.text, (), _attributed(read.blocks, read.text))


def _attributed(blocks: Sequence[Block], text: str) -> tuple[Block, ...]:
    """Quotations are read along with the line above that says whose words they are."""
    made: list[Block] = []
    for number, block in enumerate(blocks):
        above = blocks[number - 1] if number else None
        if (
            block.kind == "quotation"
            and block.lead is None
            and above is not None
            and (above.kind, above.parent) == ("paragraph", block.parent)
            and is_attribution(above.span.of(text).lstrip("> "))
        ):
            block = replace(block, lead=above.span)
        made.append(block)
    return tuple(made)


def _stacked(pieces: Sequence[Piece]) -> Piece:
    """The pieces one below the other; what stands at the top of the later ones stands under the first one's heading."""
    texts: list[str] = []
    headings: list[Heading] = []
    blocks: list[Block] = []
    start = 0
    for piece in pieces:
        if not piece.text:
            continue
        first = len(blocks)
        headings += [Heading(start + one.offset, one.level, one.title) for one in piece.headings]
        for block in piece.blocks:
            parent = first + block.parent if block.parent >= 0 else (0 if first else -1)
            lead = block.lead.shifted(start) if block.lead is not None else None
            blocks.append(Block(block.kind, block.span.shifted(start), parent, lead))
        texts.append(piece.text)
        start += len(piece.text) + 2
    return Piece("\n\n".join(texts), tuple(headings), tuple(blocks))
