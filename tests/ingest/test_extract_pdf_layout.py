"""PDF structure, on pages that reportlab sets: tables, headings, running heads, columns, paragraphs over pages."""

import io
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate, Spacer, Table

from ingest.extract import Extracted, extract

PRICES = [
    ["Plan", "Seats", "Price per month"],
    ["Basic", "1", "9 EUR"],
    ["Team", "10", "79 EUR"],
    ["Company", "100", "690 EUR"],
]
ROWS = (
    "| Plan | Seats | Price per month |\n| --- | --- | --- |\n| Basic | 1 | 9 EUR |\n| Team | 10 | 79 EUR |"
)
STYLES = getSampleStyleSheet()
WORDS = "every delivery is checked by two people before it leaves the hall and the list stays with the goods"


def prose(start: str, sentences: int = 4) -> Paragraph:
    return Paragraph(f"{start} {WORDS}. " * sentences, STYLES["BodyText"])


def built(flowables: Sequence[Any], furnish: Callable[[Canvas, Any], None] | None = None) -> Extracted:
    target = io.BytesIO()
    document = SimpleDocTemplate(target, pagesize=A4)
    nothing: Callable[[Canvas, Any], None] = lambda canvas, page: None  # noqa: E731
    document.build(list(flowables), onFirstPage=furnish or nothing, onLaterPages=furnish or nothing)
    return extract(target.getvalue(), "a.pdf")


def drawn(draw: Callable[[Canvas], None]) -> Extracted:
    target = io.BytesIO()
    canvas = Canvas(target, pagesize=A4)
    draw(canvas)
    canvas.save()
    return extract(target.getvalue(), "a.pdf")


@pytest.mark.parametrize(
    "style",
    [[("GRID", (0, 0), (-1, -1), 0.5, "grey")], [("LINEBELOW", (0, 0), (-1, 0), 1, "black")], []],
    ids=["grid", "rule under the header", "no rule"],
)
def test_a_table_keeps_its_rows_with_the_header_first(style: list[tuple[Any, ...]]) -> None:
    text = built(
        [prose("Before"), Spacer(1, 12), Table(PRICES, style=style), Spacer(1, 12), prose("After")]
    ).text
    assert f"\n\n{ROWS}\n| Company | 100 | 690 EUR |\n\nAfter" in text


def test_a_cell_of_several_lines_stays_one_cell() -> None:
    long = [["Part", "Use"]] + [
        [name, Paragraph(f"{name} {WORDS}", STYLES["Normal"])] for name in ("Lid", "Lever", "Lamp")
    ]
    for style in ([("GRID", (0, 0), (-1, -1), 0.5, "grey")], [("VALIGN", (0, 0), (-1, -1), "TOP")]):
        text = built([Table(long, colWidths=[60, 150], style=style)]).text
        assert [line for line in text.split("\n") if not line.startswith("| ---")] == [
            "| Part | Use |",
            *(f"| {name} | {name} {WORDS} |" for name in ("Lid", "Lever", "Lamp")),
        ]


def test_a_merged_cell_is_repeated_where_it_stands() -> None:
    rows = [["", "2024", ""], ["Site", "Hours", "Days"], ["Harrowmere", "120", "15"]]
    style = [("GRID", (0, 0), (-1, -1), 0.5, "grey"), ("SPAN", (1, 0), (2, 0))]
    assert built([Table(rows, style=style)]).text == (
        "| Site | 2024 / Hours | 2024 / Days |\n| --- | --- | --- |\n| Harrowmere | 120 | 15 |"
    )


def test_empty_cells_keep_their_column() -> None:
    rows = [["Code", "Expected", "Counted"], ["A-1", "", "7"], ["A-2", "8", ""], ["A-3", "9", "9"]]
    assert "| A-1 |  | 7 |\n| A-2 | 8 |  |\n| A-3 | 9 | 9 |" in built([Table(rows)]).text


@pytest.mark.parametrize("by_line", [False, True], ids=["column after column", "line after line"])
def test_two_columns_of_prose_are_read_one_after_the_other(by_line: bool) -> None:
    columns = [[f"{side} line {n} goes on with the story of its side" for n in range(30)] for side in "LR"]
    places = [(side, n) for side in (0, 1) for n in range(30)]

    def draw(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", 10)
        for side, n in sorted(places, key=lambda place: (place[1], place[0])) if by_line else places:
            canvas.drawString(60 + 260 * side, 780 - 12 * n, columns[side][n])

    text = drawn(draw).text
    assert "|" not in text
    found = [
        text.index(line[:12].rstrip())
        for side in columns
        for line in side
        if not line[7:9].startswith(("1 ", "2 "))
    ]
    assert found == sorted(found)


def test_headings_are_found_by_size_and_weight_without_an_outline() -> None:
    flowables = [
        Paragraph("Annual report", STYLES["Title"]),
        prose("The year"),
        Paragraph("1 Staff", STYLES["Heading1"]),
        prose("Staff"),
        Paragraph("1.1 Training", STYLES["Heading2"]),
        prose("Training"),
        Paragraph("<b>First aid</b>", STYLES["BodyText"]),
        prose("Aid"),
        Paragraph("2 Energy", STYLES["Heading1"]),
        prose("Energy <b>is bold in a line</b>"),
    ]
    extracted = built(flowables)
    levels = [(heading.level, heading.title) for heading in extracted.headings]
    titles = ["Annual report", "1 Staff", "1.1 Training", "First aid", "2 Energy"]
    assert [title for _, title in levels] == titles
    by_title = {title: level for level, title in levels}
    assert by_title["1 Staff"] == by_title["2 Energy"] < by_title["1.1 Training"] < by_title["First aid"]
    for heading in extracted.headings:
        assert extracted.text[heading.offset :].startswith(f"{heading.title}\n\n")
        assert heading.offset == 0 or extracted.text[: heading.offset].endswith("\n\n")


def running(canvas: Canvas, page: Any) -> None:
    canvas.setFont("Helvetica", 8)
    canvas.drawString(60, 810, "Kestrel Ltd · Safety handbook")
    canvas.drawString(60, 30, "© 2026 Kestrel Ltd")
    canvas.drawRightString(530, 30, f"Page {canvas.getPageNumber()} of 4")


def test_running_heads_and_page_numbers_go_from_every_page_also_the_first() -> None:
    flowables = [part for n in range(4) for part in (prose(f"Rule number {n}"), PageBreak())][:-1]
    extracted = built(flowables, running)
    assert len(extracted.pages) == 4
    assert "Kestrel" not in extracted.text
    assert "Page" not in extracted.text
    assert all(f"Rule number {n}" in extracted.text[start:] for n, start in enumerate(extracted.pages))


def test_body_text_that_repeats_is_no_running_head() -> None:
    flowables = [
        part
        for n in range(3)
        for part in (Paragraph("Notes", STYLES["Heading1"]), prose(f"{n}"), PageBreak())
    ]
    assert built(flowables).text.count("Notes") == 3


def test_a_heading_after_an_unfinished_sentence_of_the_page_before_stands_alone() -> None:
    extracted = built(
        [
            Paragraph("see the list of", STYLES["BodyText"]),
            PageBreak(),
            Paragraph("parts", STYLES["Title"]),
            prose("Parts"),
        ]
    )
    assert extracted.text.startswith("see the list of\n\nparts\n\nParts")
    assert extracted.pages == (0, len("see the list of\n\n"))


def test_a_table_after_a_page_break_is_not_glued_to_the_sentence_before() -> None:
    flowables = [
        Paragraph("the prices are", STYLES["BodyText"]),
        PageBreak(),
        Table(PRICES),
        Spacer(1, 9),
        prose("Note"),
    ]
    assert f"the prices are\n\n{ROWS}" in built(flowables).text


def test_items_stay_items_and_numbered_ones_are_no_headings() -> None:
    items = [Paragraph(f"{WORDS} {n}", STYLES["BodyText"], bulletText=f"{n}.") for n in range(1, 4)]
    extracted = built([prose("Before"), *items])
    assert extracted.headings == ()
    assert [line[:9] for line in extracted.text.split("\n") if line][1:] == [
        "1. every ",
        "2. every ",
        "3. every ",
    ]


def test_text_that_runs_up_the_page_is_read_like_any_other() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.rotate(90)
        for n, line in enumerate(PRICES):
            for column, cell in enumerate(line):
                canvas.drawString(80 + 120 * column, -100 - 20 * n, cell)

    assert drawn(draw).text.startswith(ROWS)


def test_a_page_of_thousands_of_pieces_and_rules_loses_none() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", 2)
        for n in range(150):
            for column in range(60):
                canvas.drawString(20 + 9 * column, 830 - 5 * n, f"{n % 10}{column}")
        for n in range(900):
            canvas.line(20 + n % 30 * 18, 20, 20 + n % 30 * 18, 820)
            canvas.line(20, 20 + n * 0.9, 560, 20 + n * 0.9)

    assert len(drawn(draw).text.split()) >= 9000


def test_an_outline_that_names_other_things_leaves_the_headings_that_are_seen() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.bookmarkPage("p")
        canvas.addOutlineEntry("Foo", "p", level=0)
        canvas.addOutlineEntry("Bar", "p", level=0)
        canvas.setFont("Helvetica-Bold", 16)
        canvas.drawString(60, 780, "Warranty")
        canvas.setFont("Helvetica", 10)
        for n in range(5):
            canvas.drawString(60, 750 - 13 * n, f"Line {n} of what the warranty says, which is rather long")

    assert [(heading.level, heading.title) for heading in drawn(draw).headings] == [(1, "Warranty")]


def test_words_that_a_narrow_column_cut_without_a_hyphen_are_whole_where_the_document_knows_them() -> None:
    cells = [["Kind", "Weight"], ["Lithiu\nm", "3 g"], ["Zinc", "4 g"]]
    flowables = [prose("Lithium burns.", 2), Table(cells, style=[("GRID", (0, 0), (-1, -1), 0.5, "grey")])]
    assert "| Lithium | 3 g |" in built(flowables).text


def test_three_narrow_columns_are_read_one_after_the_other() -> None:
    columns = (
        ("Rye is sown in October,", "and the fields are rolled", "before the frost comes.", "Each farm keeps a log",
         "of what was sown where."),
        ("Barley is sown in March,", "when the ground is dry", "enough to carry a horse.", "The seed is kept in bags",
         "that hang from a beam."),
        ("Oats are sown in April,", "as late as the rain lets,", "and cut with the sickle",
         "by four men in a row who", "rest at the hedge."),
    )  # fmt: skip

    def draw(canvas: Canvas) -> None:
        canvas.setFont("Times-Roman", 11)
        for row in range(5):
            for place, column in enumerate(columns):
                canvas.drawString(60 + 170 * place, 700 - 14 * row, column[row])

    text = drawn(draw).text
    for column in columns:
        assert " ".join(column) in text
    assert "|" not in text


def test_numbers_of_each_fifth_line_are_no_part_of_the_sentences() -> None:
    lines = (
        "The tenant of the mill has to say by what right the water",
        "of the upper pond is led past the wheel, and whether the",
        "owner of the meadow below was asked before the first sluice",
        "was set. The court holds that he was asked, that he agreed",
        "for a year, and that the year was over when the sluice was",
        "mended for 300 marks by the tenant, who bears that alone.",
    )

    def draw(canvas: Canvas) -> None:
        for place, line in enumerate(lines * 2):
            if (place + 1) % 5 == 0:
                canvas.setFont("Helvetica", 8)
                canvas.drawString(50, 720 - 20 * place, str(place + 1))
            canvas.setFont("Times-Roman", 12)
            canvas.drawString(90, 720 - 20 * place, line)

    assert " ".join(lines) in drawn(draw).text


def test_a_title_that_is_drawn_after_the_columns_stands_above_them() -> None:
    lines = [
        f"{side} line {n} goes on with the tale of the bridge and of its toll"
        for side in "lr"
        for n in range(8)
    ]

    def draw(canvas: Canvas) -> None:
        canvas.setFont("Times-Roman", 9)
        for place, line in enumerate(lines):
            canvas.drawString(50 if place < 8 else 320, 640 - 12 * (place % 8), line)
        canvas.setFont("Helvetica-Bold", 18)
        canvas.drawString(50, 780, "The bridge of the lower town")

    text = drawn(draw).text
    places = [
        text.index(words) for words in ("The bridge of the lower town", "l line 0", "l line 7", "r line 0")
    ]
    assert places == sorted(places)
