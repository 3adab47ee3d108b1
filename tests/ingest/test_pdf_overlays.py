"""What lies upon PDF pages, and numbers that must keep their meaning: marks, fractions, strokes, fields, links."""

import io
from collections.abc import Callable

import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.annotations import FreeText, Highlight, Text
from pypdf.generic import ArrayObject, DictionaryObject, FloatObject, NameObject, TextStringObject
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from ingest.extract import Extracted, extract
from ragchat.documents.blocks import check_blocks

FILLER = "every delivery is checked by two people before it leaves the hall and the list stays"


def page(draw: Callable[[Canvas], None]) -> bytes:
    target = io.BytesIO()
    canvas = Canvas(target, pagesize=A4)
    canvas.setFont("Helvetica", 11)
    draw(canvas)
    canvas.save()
    return target.getvalue()


def read(data: bytes) -> Extracted:
    extracted = extract(data, "a.pdf")
    check_blocks(extracted.blocks, extracted.text)
    return extracted


def drawn(draw: Callable[[Canvas], None]) -> str:
    return read(page(draw)).text


def filler(canvas: Canvas, top: float = 700, lines: int = 4) -> None:
    canvas.setFont("Helvetica", 11)
    for number in range(lines):
        canvas.drawString(60, top - 14 * number, FILLER)


def runs(canvas: Canvas, x: float, y: float, *parts: tuple[str, float, float]) -> None:
    """Text in parts of (words, font size, height above the baseline), one behind the other."""
    for words, size, rise in parts:
        canvas.setFont("Helvetica", size)
        canvas.drawString(x, y + rise, words)
        x += stringWidth(words, "Helvetica", size)


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        ((("built for 10", 11, 0), ("6", 7, 5), (" strokes", 11, 0)), "built for 10⁶ strokes"),
        ((("rooms of 40 m", 11, 0), ("2", 6.5, 4)), "rooms of 40 m²"),
        ((("CO", 11, 0), ("2", 7, -2), (" and H", 11, 0), ("2", 7, -2), ("O", 11, 0)), "CO2 and H2O"),
        ((("10", 11, 0), ("-3", 7, 4.5), (" mm", 11, 0)), "10⁻³ mm"),
        ((("the 1", 11, 0), ("st", 7, 4), (" of May", 11, 0)), "the 1st of May"),
        ((("120", 11, 0), ("4", 7, 5), (" euro", 11, 0)), "120⁴ euro"),
        ((("fill in ", 11, 0), ("3", 7, 3), ("/", 11, 0), ("4", 7, -1), (" litre", 11, 0)), "fill in 3/4 litre"),
        ((("2", 11, 0), ("1", 7, 3), ("/", 11, 0), ("2", 7, -1), (" turns", 11, 0)), "2 1/2 turns"),
    ],
)  # fmt: skip
def test_small_marks_above_and_below_the_line_keep_their_meaning(
    parts: tuple[tuple[str, float, float], ...], text: str
) -> None:
    def draw(canvas: Canvas) -> None:
        runs(canvas, 60, 760, *parts)
        filler(canvas)

    assert drawn(draw).startswith(f"{text}\n")


def test_a_mark_that_the_text_raises_without_making_it_smaller_is_one() -> None:
    def draw(canvas: Canvas) -> None:
        runs(canvas, 60, 760, ("built for 10", 11, 0), ("6", 11, 4), (" strokes", 11, 0))
        filler(canvas)

    assert drawn(draw).startswith("built for 10⁶ strokes")


def test_small_words_beside_large_ones_are_no_marks() -> None:
    def draw(canvas: Canvas) -> None:
        runs(canvas, 60, 760, ("Price list ", 16, 0), ("draft", 10, 0))
        filler(canvas)

    assert drawn(draw).startswith("Price list draft")


def test_marks_of_footnotes_are_told_from_exponents_by_the_foot_of_the_page() -> None:
    def draw(canvas: Canvas) -> None:
        runs(
            canvas,
            60,
            760,
            ("It costs $320", 11, 0),
            ("1", 7, 4.5),
            (" and lasts 10", 11, 0),
            ("2", 7, 4.5),
            (" hours.", 11, 0),
        )
        filler(canvas)
        runs(canvas, 60, 80, ("1", 5, 3), (" net of tax", 8, 0))
        runs(canvas, 60, 68, ("2", 5, 3), (" not used", 8, 0))

    extracted = read(page(draw))
    assert extracted.text.startswith("It costs $320[^1] and lasts 10² hours.")
    assert extracted.text.endswith("[^1]: net of tax\n\n[^2]: not used")
    assert [block.kind for block in extracted.blocks][-2:] == ["footnote", "footnote"]


def test_a_fraction_with_a_bar_stands_on_its_line() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(60, 760, "Fill the tank with")
        x = 63 + stringWidth("Fill the tank with", "Helvetica", 11)
        canvas.setFont("Helvetica", 7)
        canvas.drawString(x, 765, "3")
        canvas.drawString(x, 756, "4")
        canvas.line(x - 1, 763.3, x + 5, 763.3)
        canvas.setFont("Helvetica", 11)
        canvas.drawString(x + 8, 760, "of a litre.")
        filler(canvas)

    assert drawn(draw).startswith("Fill the tank with 3/4 of a litre.")


def test_text_with_a_line_through_it_no_longer_holds() -> None:
    def draw(canvas: Canvas) -> None:
        runs(canvas, 60, 760, ("It costs ", 11, 0), ("71 euro", 11, 0), (" 79 euro.", 11, 0))
        start = 60 + stringWidth("It costs ", "Helvetica", 11)
        canvas.line(start, 763, start + stringWidth("71 euro", "Helvetica", 11), 763)
        canvas.line(60, 758, 200, 758)  # an underline
        filler(canvas)

    assert drawn(draw).startswith("It costs ~~71 euro~~ 79 euro.")


def test_a_rule_that_runs_on_strikes_nothing_out() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(60, 760, "5 bar")
        canvas.line(40, 763, 500, 763)
        filler(canvas)

    assert "~~" not in drawn(draw)


def test_a_link_keeps_its_address_where_it_stands() -> None:
    def draw(canvas: Canvas) -> None:
        runs(canvas, 60, 760, ("See the ", 11, 0), ("price list", 11, 0), (" of May.", 11, 0))
        start = 60 + stringWidth("See the ", "Helvetica", 11)
        canvas.linkURL(
            "https://example.org/prices",
            (start, 757, start + stringWidth("price list", "Helvetica", 11), 770),
        )
        filler(canvas)

    assert drawn(draw).startswith("See the [price list](https://example.org/prices) of May.")


def test_fields_stand_beside_their_names() -> None:
    def draw(canvas: Canvas) -> None:
        form = canvas.acroForm
        for row, name in enumerate(("Customer:", "Day:", "Express:", "Standard:")):
            canvas.drawString(60, 760 - 30 * row, name)
        form.textfield(name="customer", value="Ida Brandt", x=200, y=750, width=200, height=20)
        form.choice(
            name="day", value="Friday", options=["Monday", "Friday"], x=200, y=720, width=200, height=20
        )
        form.checkbox(name="express", checked=True, x=200, y=693, size=16)
        form.checkbox(name="standard", checked=False, x=200, y=663, size=16)
        filler(canvas, 560)

    found = [line.replace(" | ", " ").strip("| ") for line in drawn(draw).split("\n")]
    for line in ("Customer: Ida Brandt", "Day: Friday", "Express: ☒", "Standard: ☐"):
        assert line in found


def annotated(*annotations: object, draw: Callable[[Canvas], None] = filler) -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(page(draw))))
    for annotation in annotations:
        writer.add_annotation(0, annotation)  # type: ignore[arg-type]
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


def test_comments_and_typed_on_text_are_read() -> None:
    quads = ArrayObject(FloatObject(value) for value in (60, 710, 200, 710, 60, 698, 200, 698))
    mark = Highlight(rect=(60, 698, 200, 710), quad_points=quads)
    mark[NameObject("/Contents")] = TextStringObject("who checks it?")
    text = read(
        annotated(
            Text(text="14 euro in July", rect=(300, 740, 320, 760)),
            FreeText(text="Approved by Bo", rect=(60, 600, 240, 620)),
            mark,
        )
    ).text
    assert "Approved by Bo" in text
    assert text.endswith("[Comment: 14 euro in July]\n\n[Comment: who checks it?]")


def test_a_hidden_annotation_says_nothing() -> None:
    note = Text(text="secret", rect=(300, 740, 320, 760))
    note.flags = 2  # type: ignore[attr-defined]
    assert "secret" not in read(annotated(note)).text


def test_text_that_an_annotation_strikes_out_no_longer_holds() -> None:
    strike = DictionaryObject({
        NameObject("/Type"): NameObject("/Annot"), NameObject("/Subtype"): NameObject("/StrikeOut"),
        NameObject("/Rect"): ArrayObject(map(FloatObject, (60, 697, 88, 709))),
        NameObject("/QuadPoints"): ArrayObject(map(FloatObject, (60, 709, 87, 709, 60, 697, 87, 697))),
    })  # fmt: skip
    assert read(annotated(strike)).text.startswith("~~every~~ delivery is checked")


def test_an_attached_document_is_read_under_its_name() -> None:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(page(filler))))
    writer.add_attachment("terms.md", b"# Terms\n\nThe rebate is 7 percent.")
    writer.add_attachment("data.bin", b"\x00\x01\x02")
    target = io.BytesIO()
    writer.write(target)
    extracted = read(target.getvalue())
    assert extracted.text.endswith("# Attachment: terms.md\n\n# Terms\n\nThe rebate is 7 percent.")
    assert [heading.title for heading in extracted.headings] == ["Attachment: terms.md", "Terms"]


LINES = (
    "The court has to decide whether the supplier of the dryer is",
    "liable for the damage that the water did to the floor of",
    "the tenant. The supplier says that the hose was fitted by",
    "the tenant himself. The tenant says that the fitter left the",
    "clamp open. The court finds that the clamp was open, that",
    "the fitter acted for the supplier, and that therefore the",
    "supplier pays 2,310 euro with interest from the fourth of",
    "May on, and that the tenant keeps the hose and the clamp,",
    "because they were given to him in the contract of sale as",
    "part of the machine.",
)  # fmt: skip


@pytest.mark.parametrize(
    ("step", "x"), [(1, 72), (5, 72), (1, 520)], ids=["every line", "every fifth", "at the right"]
)
def test_numbers_of_lines_are_no_part_of_the_sentences(step: int, x: float) -> None:
    def draw(canvas: Canvas) -> None:
        for number, line in enumerate(LINES * 3, 1):
            canvas.setFont("Helvetica", 8)
            if number % step == 0:
                canvas.drawRightString(x + 12, 780 - 22 * number, str(number))
            canvas.setFont("Times-Roman", 12)
            canvas.drawString(110, 780 - 22 * number, line)

    text = drawn(draw)
    assert "dryer is liable for the damage that the water did to the floor of the tenant." in text
    assert "therefore the supplier pays 2,310 euro" in text


def test_numbers_of_steps_stay() -> None:
    def draw(canvas: Canvas) -> None:
        for number, line in enumerate(
            (
                "Open the lid of the machine and let it cool down",
                "Close the valve at the back of the tank",
                "Wait until the lamp is green again and stays so",
                "Lock the door with the key from the desk",
                "Sign the list that hangs beside the door",
            ),
            1,
        ):
            canvas.drawString(60, 780 - 22 * number, str(number))
            canvas.drawString(90, 780 - 22 * number, line)

    text = drawn(draw)
    assert all(str(number) in text for number in range(1, 6))


def test_heads_at_the_side_stand_before_their_prose() -> None:
    def draw(canvas: Canvas) -> None:
        y = 765.0
        for heads, lines in (
            (
                ("Loading and", "unloading"),
                (
                    "Machines are lifted from below, never by the lid or by",
                    "the door, and two people are needed for each.",
                ),
            ),
            (
                ("Driving",),
                (
                    "The limit is 10 km/h, and at the gate drivers stop and",
                    "wait for the sign of the porter.",
                ),
            ),
        ):
            for number, line in enumerate(lines):
                if number < len(heads):
                    canvas.drawString(72, y, heads[number])
                canvas.drawString(180, y, line)
                y -= 14
            y -= 8

    extracted = read(page(draw))
    assert extracted.text == (
        "Loading and unloading: Machines are lifted from below, never by the lid or by the door, and two "
        "people are needed for each.\n"
        "Driving: The limit is 10 km/h, and at the gate drivers stop and wait for the sign of the porter."
    )
    assert [block.kind for block in extracted.blocks] == ["list", "pair", "pair"]


def table(canvas: Canvas, rows: list[list[str]], top: float) -> None:
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            canvas.drawString(60 + 120 * column, top - 18 * number, cell)


@pytest.mark.parametrize("again", [False, True], ids=["without its names", "with its names again"])
def test_a_table_that_goes_on_over_the_page_keeps_its_names(again: bool) -> None:
    names = ["Code", "Meaning", "Fee"]
    rows = [[f"R{number}", f"reason {number}", f"{number} euro"] for number in range(10, 30)]

    def draw(canvas: Canvas) -> None:
        table(canvas, [names, *rows[:10]], 780)
        canvas.showPage()
        canvas.setFont("Helvetica", 11)
        table(canvas, ([names] if again else []) + rows[10:], 780)

    extracted = read(page(draw))
    header = next(block.span for block in extracted.blocks if block.kind == "header")
    found = [block for block in extracted.blocks if block.kind == "row"]
    assert len(found) == 20
    assert {block.lead for block in found} == {header}
    assert extracted.text.count("Meaning") == 1


def test_leaders_between_names_and_values_are_no_words() -> None:
    def draw(canvas: Canvas) -> None:
        for number, (name, value) in enumerate(
            (("Door seal", "27.50"), ("Pump lid", "8.90"), ("Drum belt", "15.40"))
        ):
            canvas.drawString(60, 760 - 18 * number, name)
            canvas.drawString(180, 760 - 18 * number, "." * 60)
            canvas.drawRightString(430, 760 - 18 * number, value)

    assert drawn(draw) == "Door seal: 27.50\nPump lid: 8.90\nDrum belt: 15.40"


def test_items_further_right_are_items_of_the_item_above() -> None:
    def draw(canvas: Canvas) -> None:
        for number, (x, line) in enumerate(
            ((60, "1. Open it."), (90, "• slowly"), (90, "• with care"), (60, "2. Close it."))
        ):
            canvas.drawString(x, 760 - 16 * number, line)

    extracted = read(page(draw))
    assert [(block.kind, block.parent) for block in extracted.blocks] == [
        ("list", -1), ("step", 0), ("list", 1), ("item", 2), ("item", 2), ("step", 0),
    ]  # fmt: skip
