"""The child process: `python -m ragchat.web.paging.draw FILE PAGE WIDTH`, the words to mark on stdin, a PNG on stdout.

It imports nothing of ours but its own room, may use a gigabyte, and ends with 3 where there is no such page. A file
that crashes the parser ends this process and not the server.
"""

import io
import resource
import sys
from pathlib import Path
from typing import Final

import pypdfium2 as pdfium
from PIL import Image, ImageChops

from ragchat.web.paging.marking import on_image, rectangles

MEMORY: Final = 1 << 30
NO_PAGE: Final = 3
MARKER: Final = (255, 232, 150)
HIGHEST: Final = 6000
"""Pixels; a page that is a mile long is drawn smaller."""


def drawn(path: Path, number: int, width: int, words: str) -> bytes | None:
    """Page `number` (from 1) as a PNG of `width` pixels; None where there is no such page."""
    document = pdfium.PdfDocument(path)
    try:
        if not 1 <= number <= len(document):
            return None
        page = document[number - 1]
        across, down = page.get_size()
        scale = min(width / max(across, 1), HIGHEST / max(down, 1))
        image = page.render(scale=scale).to_pil().convert("RGB")
        for box in rectangles(page, words) if words.strip() else []:
            _mark(image, on_image(page, box, image.width, image.height))
        page.close()
    finally:
        document.close()
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=3)
    return out.getvalue()


def _mark(image: Image.Image, place: tuple[int, int, int, int]) -> None:
    left, top, right, bottom = place
    if right > left and bottom > top:
        part = image.crop(place)
        image.paste(ImageChops.multiply(part, Image.new("RGB", part.size, MARKER)), place)


def main() -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    path, number, width = sys.argv[1:4]
    image = drawn(Path(path), int(number), int(width), sys.stdin.buffer.read().decode("utf-8"))
    if image is None:
        return NO_PAGE
    sys.stdout.buffer.write(image)
    return 0


if __name__ == "__main__":
    sys.exit(main())
