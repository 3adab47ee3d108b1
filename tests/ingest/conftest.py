"""Small real files for the tests of ingest, made by the libraries that people make them with."""

import io
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

PdfMaker = Callable[..., bytes]


@pytest.fixture(scope="session")
def make_pdf() -> PdfMaker:
    """(pages of lines, title, outline {title: page}, password) -> the bytes of a PDF."""

    def make(
        pages: Sequence[Sequence[str]],
        title: str = "",
        outline: Sequence[tuple[str, int, int]] = (),
        password: str | None = None,
        owner_only: bool = False,
    ) -> bytes:
        from reportlab.lib import pdfencrypt
        from reportlab.pdfgen.canvas import Canvas

        encrypt = None
        if password:
            encrypt = pdfencrypt.StandardEncryption("" if owner_only else password, ownerPassword=password)
        target = io.BytesIO()
        canvas = Canvas(target, encrypt=encrypt)
        canvas.setTitle(title)
        for number, lines in enumerate(pages):
            canvas.bookmarkPage(f"page{number}")
            for entry, page, level in outline:
                if page == number:
                    canvas.addOutlineEntry(entry, f"page{number}", level=level)
            for row, line in enumerate(lines):
                canvas.drawString(60, 780 - 14 * row, line)
            canvas.showPage()
        canvas.save()
        return target.getvalue()

    return make


@pytest.fixture
def tree(tmp_path: Path) -> Callable[[dict[str, bytes | str]], Path]:
    """{relative path: content} -> the folder that holds these files."""

    def make(files: dict[str, bytes | str]) -> Path:
        for name, content in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return tmp_path

    return make
