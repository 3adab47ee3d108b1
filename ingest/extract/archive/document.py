"""An archive as the documents inside it; it has no text of its own."""

from ingest.extract.archive.members import members
from ingest.extract.archive.parts import parts_of
from ingest.extract.clean import humanised
from ingest.extract.extracted import Extracted
from ingest.extract.formats import ZIP


def extract(data: bytes, name: str) -> Extracted:
    """DocumentFailed damaged, encrypted, too_large."""
    parts, others = parts_of(members(data, name))
    read = any(part.extracted is not None and part.extracted.text for part in parts)
    left = f"{others} file{'s' * (others > 1)} inside {'are' if others > 1 else 'is'} no document"
    return Extracted(
        "",
        humanised(name),
        ZIP,
        reason="" if read else "the archive holds no document that can be read",
        notes=(left,) if others and read else (),
        parts=tuple(parts),
    )
