"""Excel: what a reader of the sheet sees, and nothing that is hidden from one."""

import io
import re
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time, timedelta

import pytest
from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.comments import Comment
from openpyxl.styles import Font
from openpyxl.worksheet.table import Table

from ingest.extract import Extracted, extract
from ingest.extract.ooxml.formats import shown_number, shown_text
from ragchat.documents.blocks import check_blocks


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        (1250, '#,##0.00 "€"', "1,250.00 €"), (99.5, "[$CHF-807] #,##0.00", "CHF 99.50"), (0.075, "0.0%", "7.5%"),
        (1250, '_-* #,##0.00\\ "€"_-;\\-* #,##0.00\\ "€"_-;_-* "-"??\\ "€"_-;_-@_-', "1,250.00 €"),
        (0, '_-* #,##0.00\\ "€"_-;\\-* #,##0.00\\ "€"_-;_-* "-"??\\ "€"_-;_-@_-', "- €"),
        (-1250, "[$$-409]#,##0.00;[Red]\\-[$$-409]#,##0.00", "-$1,250.00"),
        (-5, "#,##0;[Red]#,##0", "-5"),
        (731, "000000", "000731"), (1067, "00000", "01067"), (491555123456, "+00 000 0000000", "+49 155 5123456"),
        (12.5, '0.0 "kg"', "12.5 kg"), (840, '0" mm"', "840 mm"), (-1300, "#,##0;(#,##0)", "(1,300)"),
        (0, "0;-0;;@", ""),
        (0.1 + 0.2, "General", "0.3"), (1234567.891, "General", "1234567.891"),
        (123456789012345, "General", "123456789012345"),
        (1e20, "General", "100000000000000000000"), (1.75, "# ?/?", "1 3/4"), (0.375, "# ?/8", "3/8"),
        (2.5, "0.##", "2.5"),
        (3, "0.##", "3"), (2.345, "0.00", "2.35"), (-2.345, "0.00", "-2.35"), (1234567, "#,##0,", "1,235"),
        (1234567, '0.0,,"M"', "1.2M"), (12345, "0.00E+00", "1.23E+04"), (150, '[>=100]0" high";0" low"', "150 high"),
        (50, '[>=100]0" high";0" low"', "50 low"), (1234567890, "000\\-000\\-0000", "123-456-7890"),
        (0.5, "#.00", ".50"),
        (7, 'General" pcs"', "7 pcs"), (0.7, "0", "1"), (46082, "dd.mm.yyyy", "2026-03-01"),
        (46082, "mmm yyyy", "Mar 2026"),
        (46082.3125, "d/m/yyyy h:mm", "2026-03-01 07:30"), (0.3125, "h:mm AM/PM", "07:30"),
        (1.1041666666, "[h]:mm", "26:30"),
        (0.00104166666, "mm:ss", "00:01:30"), (46082, 'dddd, d. mmmm yyyy', "2026-03-01"), (46082, "yyyy", "2026"),
        (46082, "[$-F800]dddd\\,\\ mmmm\\ dd\\,\\ yyyy", "2026-03-01"), (-3, "dd.mm.yyyy", "-3"),
        (0.05, "0.00 %", "5.00 %"),
    ],
)  # fmt: skip
def test_a_number_is_shown_in_its_format(value: float, code: str, text: str) -> None:
    assert shown_number(value, code) == text


def test_a_text_is_shown_in_its_format() -> None:
    assert shown_text("17", '"No. "@') == "No. 17"
    assert shown_text("17", "0.00") == "17"


def read(fill: Callable[[Workbook], None]) -> Extracted:
    book = Workbook()
    book.active.title = "Sheet"
    fill(book)
    target = io.BytesIO()
    book.save(target)
    extracted = extract(target.getvalue(), "a.xlsx")
    check_blocks(extracted.blocks, extracted.text)
    return extracted


def lines(*rows: list[object], then: Callable[[Workbook], None] = lambda book: None) -> list[str]:
    """The rows of a sheet below its title as they are served."""

    def fill(book: Workbook) -> None:
        for row in rows:
            book.active.append(row)
        then(book)

    return [line for line in read(fill).text.split("\n")[2:] if line]


PEOPLE: list[list[object]] = [["Name", "Room", "Phone"], ["Ida", "B14", 5511], ["Bo", "B15", 5522]]


def test_dates_and_times_are_dates_and_times() -> None:
    row = [datetime(2026, 3, 1), date(2026, 3, 2), time(7, 30), timedelta(hours=26, minutes=30), True]
    assert lines(["Day", "Due", "Start", "Ran", "Done"], row) == [
        "Day: 2026-03-01; Due: 2026-03-02; Start: 07:30:00; Ran: 26:30:00; Done: TRUE"
    ]


def test_hidden_rows_columns_and_sheets_are_left_out() -> None:
    def hide(book: Workbook) -> None:
        book.active.row_dimensions[2].hidden = True
        book.active.column_dimensions["C"].hidden = True
        book.create_sheet("Secret").append(["x", 1])
        book["Secret"].sheet_state = "veryHidden"

    assert lines(*PEOPLE, then=hide) == ["Name: Bo; Room: B15"]


def test_rows_that_a_filter_or_a_closed_group_hides_are_one_click_away() -> None:
    def filtered(book: Workbook) -> None:
        book.active.auto_filter.ref = "A1:C3"
        book.active.auto_filter.add_filter_column(0, ["Bo"])
        book.active.row_dimensions[2].hidden = True

    def grouped(book: Workbook) -> None:
        book.active.row_dimensions.group(2, 2, hidden=True)
        book.active.column_dimensions.group("B", "B", hidden=True)

    expected = ["Name: Ida; Room: B14; Phone: 5511", "Name: Bo; Room: B15; Phone: 5522"]
    assert lines(*PEOPLE, then=filtered) == expected
    assert lines(*PEOPLE, then=grouped) == expected


def test_merged_cells_count_for_every_place_that_they_cover() -> None:
    def merge(book: Workbook) -> None:
        book.active.merge_cells("A2:A3")
        book.active.merge_cells("B2:C2")

    rows: list[list[object]] = [["Land", "Desk A", "Desk B"], ["Chile", "Ida", None], [None, "Bo", "Uwe"]]
    assert lines(*rows, then=merge) == [
        "Land: Chile; Desk A: Ida; Desk B: Ida",
        "Land: Chile; Desk A: Bo; Desk B: Uwe",
    ]


def test_a_merged_note_across_the_sheet_stands_once() -> None:
    def merge(book: Workbook) -> None:
        book.active.merge_cells("A1:C1")

    assert lines(["Who sits where", None, None], *PEOPLE, then=merge)[0] == "Who sits where"


def test_a_formula_without_a_result_says_so() -> None:
    extracted = read(
        lambda book: [book.active.append(row) for row in (["Net", "Gross"], [100, "=A2*1.19"])] and None
    )
    assert "Net: 100; Gross: =A2*1.19 (not calculated)" in extracted.text
    assert extracted.notes == ("1 formulas have no stored result: open the file in Excel and save it",)


def test_struck_raised_and_lowered_text_keeps_its_meaning() -> None:
    rich = CellRichText(
        "€ 12 ",
        TextBlock(InlineFont(strike=True), "€ 14"),
        " or 10",
        TextBlock(InlineFont(vertAlign="superscript"), "5"),
    )

    def strike(book: Workbook) -> None:
        book.active["A3"].font = Font(strike=True)

    assert lines(["Part", "Price"], ["Lid", rich], ["Rim", 7], then=strike) == [
        "Part: Lid; Price: € 12 ~~€ 14~~ or 10⁵",
        "Part: ~~Rim~~; Price: 7",
    ]


def test_comments_links_and_text_boxes_are_read() -> None:
    def annotate(book: Workbook) -> None:
        book.active["B2"].comment = Comment("Ann:\nat night only", "Ann")
        book.active["A2"].hyperlink = "https://example.org/noise"

    assert lines(["Value", "Limit"], ["Noise", 64], then=annotate) == [
        "Value: [Noise](https://example.org/noise); Limit: 64 (note: at night only)"
    ]


def test_tables_that_a_blank_row_or_column_parts_have_names_of_their_own() -> None:
    assert lines(["Name", "Room"], ["Ida", "B14"], [], ["Device", "Serial"], ["Printer", "PX-1"]) == [
        "Name: Ida; Room: B14",
        "Device: Printer; Serial: PX-1",
    ]
    assert lines(
        ["Name", "Room", None, "Name", "Plate"],
        ["Ida", "B14", None, "Van", "H-1"],
        [None, None, None, "Car", "H-2"],
    ) == [
        "Name: Ida; Room: B14",
        "Name: Van; Plate: H-1",
        "Name: Car; Plate: H-2",
    ]


def test_a_table_of_the_sheet_is_one_also_without_a_blank_row_around_it() -> None:
    def mark(book: Workbook) -> None:
        book.active.add_table(Table(displayName="Rooms", ref="A2:B3"))

    assert (
        lines(["Hall 3", "north"], ["Name", "Room"], ["Ida", "B14"], then=mark)[-1] == "Name: Ida; Room: B14"
    )


def test_a_blank_column_inside_of_a_table_parts_nothing() -> None:
    assert lines(["Task", None, "Lead", "State"], ["Paint", None, "Ida", "done"]) == [
        "Task: Paint; Lead: Ida; State: done"
    ]


def edited(part: str, edit: Callable[[str], str]) -> bytes:
    """A workbook of PEOPLE with one part changed."""
    book = Workbook()
    for row in PEOPLE:
        book.active.append(row)
    source, target = io.BytesIO(), io.BytesIO()
    book.save(source)
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, edit(content.decode()) if name == part else content)
    return target.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


def test_what_a_sheet_says_about_its_size_does_not_count() -> None:
    for size in ("A1", "A1:B2", "A1:XFD1048576"):
        data = edited(
            SHEET, lambda xml, size=size: re.sub('<dimension ref="[^"]*"', f'<dimension ref="{size}"', xml)
        )  # type: ignore[misc]
        assert "Name: Bo; Room: B15; Phone: 5522" in extract(data, "a.xlsx").text


def test_cells_without_a_place_follow_one_another() -> None:
    data = edited(SHEET, lambda xml: re.sub(r' r="[A-Z]*\d+"', "", xml))
    assert "Name: Bo; Room: B15; Phone: 5522" in extract(data, "a.xlsx").text


def test_a_workbook_of_the_strict_dialect_is_read() -> None:
    def strict(xml: str) -> str:
        return xml.replace(
            "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
            "http://purl.oclc.org/ooxml/spreadsheetml/main",
        )

    assert "Name: Ida; Room: B14" in extract(edited(SHEET, strict), "a.xlsx").text


def test_a_row_with_a_reference_out_of_all_bounds_costs_itself_only() -> None:
    data = edited(SHEET, lambda xml: xml.replace('r="3"', 'r="99999999"', 1).replace('"A3"', '"ZZZ99999999"'))
    assert "Name: Ida; Room: B14" in extract(data, "a.xlsx").text


def test_tables_side_by_side_that_each_name_their_rows_are_two() -> None:
    rows = lines(
        ["Cook", "Dish", None, "Tool", "Shelf"],
        ["Edda", "soup", None, "ladle", "top"],
        ["Jost", "bread", None, "peel", "left"],
    )
    assert "Cook: Edda; Dish: soup" in rows
    assert "Tool: peel; Shelf: left" in rows


def test_a_link_made_by_a_formula_keeps_its_address() -> None:
    def fill(book: Workbook) -> None:
        book.active.append(["Form", "Where"])
        book.active.append(["Loan", "x"])

    book = Workbook()
    fill(book)
    target = io.BytesIO()
    book.save(target)
    changed = io.BytesIO()
    with zipfile.ZipFile(target) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name.endswith("sheet1.xml"):
                cell = b'<c r="B2" t="str"><f>HYPERLINK("https://a.example/loan","here")</f><v>here</v></c></row>'
                content = re.sub(rb'<c r="B2".*?</c></row>', cell, content)
            new.writestr(name, content)
    assert "Where: [here](https://a.example/loan)" in extract(changed.getvalue(), "a.xlsx").text
