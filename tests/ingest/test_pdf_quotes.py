"""What is quoted of a PDF is found on the page that it is said to stand on, by the search of a viewer's engine."""

import io
from collections.abc import Callable

import pytest
from pypdfium2 import PdfDocument
from reportlab.pdfgen.canvas import Canvas

from bench.extract.quotes import is_found, plain, quotes_of
from ingest.extract import extract


def _hyphens(canvas: Canvas) -> None:
    lines = (
        "The ferry keeps two life rafts for every hun-",
        "dred passengers, and both are looked at in the dock-",
    )
    for row, line in enumerate((*lines, "yard each spring. The cook keeps the key of the pantry.")):
        canvas.drawString(70, 700 - 14 * row, line)


def _raised(canvas: Canvas) -> None:
    text = canvas.beginText(70, 700)
    for words, rise, size in (
        ("A pump moves 4 · 10", 0, 11),
        ("5", 4, 7),
        (" litres of water in one hour.", 0, 11),
    ):
        text.setFont("Helvetica", size)
        text.setRise(rise)
        text.textOut(words)
    canvas.drawText(text)


def _columns(canvas: Canvas) -> None:
    for row in range(8):
        canvas.drawString(50, 700 - 14 * row, f"Left row {row} tells of the winter moorings.")
        canvas.drawString(310, 700 - 14 * row, f"Right row {row} tells of the summer tolls.")


@pytest.mark.parametrize("draw", [_hyphens, _raised, _columns])
def test_each_sentence_is_found_on_its_page(draw: Callable[[Canvas], None]) -> None:
    target = io.BytesIO()
    canvas = Canvas(target)
    canvas.drawString(70, 700, "A page of its own comes before what is looked for here.")
    canvas.showPage()
    canvas.setFont("Helvetica", 10)
    draw(canvas)
    canvas.showPage()
    canvas.save()
    extracted = extract(target.getvalue(), "harbour.pdf")
    quotes = [(page, plain(quote)) for page, quote in quotes_of(extracted)]
    document = PdfDocument(target.getvalue())
    assert {page for page, _ in quotes} == {0, 1}
    for page, quote in quotes:
        assert is_found(document[page].get_textpage(), quote), quote
        assert not is_found(document[1 - page].get_textpage(), quote), quote


def test_words_of_two_places_are_no_quote() -> None:
    target = io.BytesIO()
    canvas = Canvas(target)
    canvas.drawString(70, 700, "The key hangs in the pantry behind the door.")
    canvas.drawString(70, 600, "The cook sleeps in the dock.")
    canvas.save()
    textpage = PdfDocument(target.getvalue())[0].get_textpage()
    assert is_found(textpage, "The cook sleeps in the dock.")
    assert not is_found(textpage, "The key hangs in the dock.")
