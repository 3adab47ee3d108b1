"""A Word file as a document: what stands in headers and footers once, the body, its title and facts."""

from typing import Final

from ingest.extract.assembly.titles import file_title
from ingest.extract.docx.body import Body
from ingest.extract.docx.furniture import furniture
from ingest.extract.extracted import Extracted
from ingest.extract.ooxml.facts import facts_of
from ingest.extract.ooxml.names import W
from ingest.extract.ooxml.parts import Package
from ingest.extract.package import damaged

MEDIA_TYPE: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def extract(data: bytes, name: str) -> Extracted:
    """Title: the core property, else the first Title or level-1 heading; see `file_title`."""
    package = Package(data)
    main = package.main("word/document.xml")
    if not package.has(main):
        raise damaged("parts of the Word document are missing or broken")
    root = package.root(main)
    body = root.find(W + "body")
    if body is None:
        raise damaged("parts of the Word document are missing or broken")
    writer = Body(package, main)
    builder = writer.builder
    for line in furniture(package, main, root, writer.styles):
        builder.block(line)
    writer.write(body)
    facts = facts_of(package)
    first = writer.title or next((heading.title for heading in builder.headings if heading.level == 1), "")
    title = file_title(first or str(facts.get("title") or ""), name)
    facts.pop("title", None)
    return Extracted(
        builder.text,
        title,
        MEDIA_TYPE,
        headings=tuple(builder.headings),
        metadata=facts,
        blocks=builder.blocks,
        reason="" if builder.length else "the document holds no text",
    )
