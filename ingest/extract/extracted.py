"""What an extractor returns: canonical text and everything that the format told about its build."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ragchat.documents import Block, Heading, Scalar


@dataclass(frozen=True, slots=True)
class Extracted:
    """A file's canonical text and what is known about it.

    `pages[i]` is the offset at which page i+1 starts (pages, slides; empty where the format has none); `headings`
    are in text order, each offset at the start of its line. `text` is "" only together with a `reason` for people.
    `notes` tell what was lost though the document as a whole could be read ("page 7 could not be read: ...").
    `parts` are documents of their own inside the file (of an archive, of a mail), none of them with parts.
    """

    text: str
    title: str
    media_type: str
    pages: tuple[int, ...] = ()
    headings: tuple[Heading, ...] = ()
    metadata: Mapping[str, Scalar] = field(default_factory=dict)
    reason: str = ""
    notes: tuple[str, ...] = ()
    blocks: tuple[Block, ...] = ()
    parts: "tuple[Part, ...]" = ()


@dataclass(frozen=True, slots=True)
class Part:
    """A document inside a file: its path there, and what it holds, or the code and message of why not; `digest` is the
    sha256 of its bytes."""

    name: str
    extracted: Extracted | None = None
    code: str = ""
    message: str = ""
    digest: str = ""
