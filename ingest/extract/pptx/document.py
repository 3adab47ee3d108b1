"""A PowerPoint file as a document: its slides in their order, what the speaker notes, comments, title and facts."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from ingest.extract.assembly.building import TextBuilder
from ingest.extract.assembly.titles import file_title
from ingest.extract.clean import one_line
from ingest.extract.extracted import Extracted
from ingest.extract.ooxml.facts import facts_of
from ingest.extract.ooxml.names import A, P, R, local
from ingest.extract.ooxml.parts import Package
from ingest.extract.package import damaged
from ingest.extract.pptx.line import LineReader
from ingest.extract.pptx.placeholders import kind_of
from ingest.extract.pptx.slide import SlideWriter

if TYPE_CHECKING:
    from lxml.etree import _Element as Element  # type: ignore[import-untyped]

MEDIA_TYPE: Final = "application/vnd.openxmlformats-officedocument.presentationml.presentation"


def extract(data: bytes, name: str) -> Extracted:
    """Title: the core property, else the first slide's title; see `file_title`."""
    package = Package(data)
    main = package.main("ppt/presentation.xml")
    if not package.has(main):
        raise damaged("parts of the presentation are missing or broken")
    builder = TextBuilder()
    footers: set[str] = set()
    hidden = 0
    for part in _slides(package, main):
        builder.page()
        root = package.part(part)
        if root is not None and root.get("show") not in ("0", "false"):
            SlideWriter(package, part, builder, footers).write(root)
            _after(builder, package, part)
        else:
            hidden += root is not None
    facts = facts_of(package)
    first = builder.headings[0].title if builder.headings else ""
    title = file_title(first or str(facts.get("title") or ""), name)
    facts.pop("title", None)
    return Extracted(
        builder.text,
        title,
        MEDIA_TYPE,
        pages=tuple(builder.pages),
        headings=tuple(builder.headings),
        metadata=facts,
        reason="" if builder.length else "no text on the slides",
        notes=(f"{hidden} hidden slide{'s' * (hidden > 1)} left out",) if hidden else (),
        blocks=builder.blocks,
    )


def _slides(package: Package, main: str) -> Iterator[str]:
    """The parts of the slides in the order of the presentation."""
    relations = package.relations(main)
    for entry in package.root(main).iterfind(f"{P}sldIdLst/{P}sldId"):
        known = relations.get(entry.get(R + "id") or "")
        if known is not None and package.has(known.target):
            yield known.target


def _after(builder: TextBuilder, package: Package, part: str) -> None:
    """The speaker's notes and the comments on a slide."""
    for notes in package.related(part, "notesSlide"):
        root = package.part(notes)
        lines = LineReader(package, notes)
        for shape in root.iter(P + "sp") if root is not None else ():
            if kind_of(shape) == "body" and (words := lines.all_words(shape.find(P + "txBody")).strip()):
                builder.block(f"Notes: {words}")
    for comments in package.roots(part, "comments"):
        for comment in comments:
            if words := _comment(comment):
                builder.block(f"[Comment: {words}]", "footnote")


def _comment(comment: "Element") -> str:
    """The words of a comment of the old or the new kind; "" for one that is resolved."""
    if comment.get("status") == "resolved":
        return ""
    old = "".join(node.text or "" for node in comment if local(node.tag) == "text")
    return one_line(old or " ".join(node.text or "" for node in comment.iter(A + "t")))
