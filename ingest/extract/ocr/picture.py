"""A picture file as a document of the words that it shows."""

from ingest.extract.assembly.building import TextBuilder
from ingest.extract.clean import humanised
from ingest.extract.extracted import Extracted
from ingest.extract.ocr.tesseract import paragraphs_of, program

SECONDS = 45.0
"""For one picture: less than a file may take."""
_MEDIA_TYPES = {
    b"\x89PNG": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF8": "image/gif",
    b"BM": "image/bmp",
    b"RIFF": "image/webp",
}


def extract(data: bytes, name: str) -> Extracted:
    """Paragraphs as they stand on it; a reason where there are no words, or nothing that could read them."""
    media_type = next((kind for mark, kind in _MEDIA_TYPES.items() if data.startswith(mark)), "image/tiff")
    title = humanised(name)
    if program() is None:
        reason = "a picture: its words can be read where Tesseract is installed (Debian: apt install tesseract-ocr)"
        return Extracted("", title, media_type, reason=reason)
    found = paragraphs_of(data, SECONDS)
    builder = TextBuilder()
    for paragraph in found or ():
        builder.block(paragraph)
    if not builder.length:
        return Extracted("", title, media_type, reason="the picture shows no words that can be read")
    return Extracted(builder.text, title, media_type, metadata={"ocr": True}, blocks=builder.blocks)
