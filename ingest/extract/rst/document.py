"""A file of reStructuredText from its bytes."""

from ingest.extract.assembly.building import TextBuilder
from ingest.extract.assembly.paragraphs import told_apart
from ingest.extract.charset import decode
from ingest.extract.clean import clean_characters, humanised
from ingest.extract.extracted import Extracted
from ingest.extract.rst.body import Body
from ingest.extract.rst.names import names_of


def extract(data: bytes, name: str) -> Extracted:
    """Title: the first heading, else the humanised file name; fields at the top are metadata too."""
    lines = [line.rstrip() for line in clean_characters(decode(data)).expandtabs(8).split("\n")]
    builder = TextBuilder()
    body = Body(builder, names_of(lines))
    body.read(lines)
    return Extracted(
        builder.text,
        builder.headings[0].title if builder.headings else humanised(name),
        "text/x-rst",
        headings=tuple(builder.headings),
        metadata=body.metadata,
        reason="" if builder.length else "no text but comments and directives",
        blocks=told_apart(builder.blocks, builder.text),
    )
