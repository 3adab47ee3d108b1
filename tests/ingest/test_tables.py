"""Tables of cells: which rows name the columns, what stands above and below, which are forms."""

import pytest

from ingest.extract.tables.grid import Grid
from ingest.extract.tables.parts import Columns, Fields, Words, parts_of
from ingest.extract.tables.shapes import shape_of
from ingest.extract.tables.writing import described_row


def grid(*lines: str, merged: str = "", heads: int = 0, strong: tuple[int, ...] = ()) -> Grid:
    """A grid of lines "a | b"; "<" goes on with the cell to the left, "^" with the cell above; `strong` rows."""
    rows: list[list[str]] = []
    covered = []
    for number, line in enumerate(lines):
        rows.append([])
        for column, text in enumerate(cell.strip() for cell in line.split("|")):
            if text in ("<", "^"):
                covered.append((number, column))
                text = rows[number][column - 1] if text == "<" else rows[number - 1][column]
            rows[number].append(text)
    places = [(row, column) for row in strong for column in range(len(rows[row]))]
    return Grid.of(rows, covered, places, heads)


def told(table: Grid) -> list[str]:
    """Each part as lines: words as they are, pairs as "name = value", rows as they describe themselves."""
    lines = []
    for part in parts_of(table):
        match part:
            case Words():
                lines.append(f"({part.text})" if part.note else part.text)
            case Fields():
                lines += [f"{name} = {value}" for name, value in part.pairs]
            case Columns():
                lines += [
                    f"[{row.cells[0]}]" if row.label else described_row(part.names, row.cells)
                    for row in part.rows
                ]
    return lines


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("", ""), ("4,711.50", "number"), ("-3", "number"), ("(1,300)", "number"), ("€ 20", "number"),
        ("7.5 %", "number"),
        ("2025", "year"), ("FY2025", "year"), ("2024/25", "year"), ("Q1 2026", "year"), ("2026-03-01", "date"),
        ("01.03.2026", "date"), ("Mar 2026", "year"), ("3 March 2026", "date"), ("07:30", "date"),
        ("12.5 kg", "measure kg"),
        ("CHF 99.50", "measure chf"), ("B14", "code"), ("Halden D3", "code"), ("PX-881", "code"), ("Plan", "words"),
    ],
)  # fmt: skip
def test_a_cell_is_known_by_its_look(text: str, shape: str) -> None:
    assert shape_of(text) == shape


@pytest.mark.parametrize(
    "names",
    [
        "2022 | 2023",
        "2026-01-31 | 2026-02-28",
        "Jan 2026 | Feb 2026",
        "Q1 | Q2",
        "FY2024 | FY2025",
        "Plan | Actual",
        "D3 | W5",
    ],
)
def test_names_of_columns_may_be_years_dates_and_codes(names: str) -> None:
    first, second = (name.strip() for name in names.split("|"))
    assert told(grid(f"Item | {names}", "Pumps | 410 | 388", "Doors | 77 | 91")) == [
        f"Item: Pumps; {first}: 410; {second}: 388",
        f"Item: Doors; {first}: 77; {second}: 91",
    ]


def test_numbers_that_count_name_columns() -> None:
    assert told(grid("Week | 1 | 2 | 3", "Early | Ida | Bo | Ida")) == ["Week: Early; 1: Ida; 2: Bo; 3: Ida"]


def test_rows_of_values_have_no_names_above() -> None:
    assert told(grid("Ida | B14 | 5511", "Bo | B15 | 5522")) == ["Ida; B14; 5511", "Bo; B15; 5522"]


def test_two_rows_of_names_become_one() -> None:
    rows = ("Kitchen | 120 | 131 | 140 | 66", "Laundry | 80 | 79 | 95 | 41")
    expected = [
        "Centre: Kitchen; 2025 / Plan: 120; 2025 / Actual: 131; 2026 / Plan: 140; 2026 / Actual: 66",
        "Centre: Laundry; 2025 / Plan: 80; 2025 / Actual: 79; 2026 / Plan: 95; 2026 / Actual: 41",
    ]
    under = "Centre | Plan | Actual | Plan | Actual"
    assert told(grid(" | 2025 | < | 2026 | <", under, *rows)) == expected
    assert told(grid(" | 2025 | | 2026 |", under, *rows)) == expected
    assert told(grid("Centre | 2025 | < | 2026 | <", "^ | Plan | Actual | Plan | Actual", *rows)) == expected
    assert told(grid("Centre | 2025 | | 2026 |", " | Plan | Actual | Plan | Actual", *rows)) == expected


def test_a_name_over_two_columns_whose_rows_are_words() -> None:
    assert told(grid("Model | Price | <", "^ | Home | Office", "D3 | 499 | 640")) == [
        "Model: D3; Price / Home: 499; Price / Office: 640"
    ]
    assert told(grid("Shift | Hall 1 | <", "^ | Lead | Deputy", "Early | Ida | Bo", "Late | Uwe | Ann")) == [
        "Shift: Early; Hall 1 / Lead: Ida; Hall 1 / Deputy: Bo",
        "Shift: Late; Hall 1 / Lead: Uwe; Hall 1 / Deputy: Ann",
    ]


def test_a_merged_name_without_a_second_row_of_names_stands_over_both_columns() -> None:
    assert told(grid("Name | Contact | <", "Ida | 5511 | ida@x.org", "Bo | 5522 | bo@x.org")) == [
        "Name: Ida; Contact: 5511; Contact: ida@x.org",
        "Name: Bo; Contact: 5522; Contact: bo@x.org",
    ]


def test_columns_of_one_name_keep_their_order() -> None:
    assert told(grid("Model | Price | Valid | Price | Valid", "D3 | 499 | until May | 529 | from June")) == [
        "Model: D3; Price: 499; Valid: until May; Price: 529; Valid: from June"
    ]


def test_a_column_without_a_name_gives_its_value_alone() -> None:
    assert told(grid("Name | | Room", "Ida | lead | B14")) == ["Name: Ida; lead; Room: B14"]


def test_titles_and_fields_above_the_names_stand_apart() -> None:
    assert told(
        grid(
            "Stock report",
            "Printed | 03.03.2026",
            "Part | Store | Pieces",
            "77-310 | B2 | 48",
            "77-311 | B4 | 5",
        )
    ) == [
        "Stock report",
        "Printed = 03.03.2026",
        "Part: 77-310; Store: B2; Pieces: 48",
        "Part: 77-311; Store: B4; Pieces: 5",
    ]


def test_notes_below_a_table_are_none_of_its_rows() -> None:
    assert told(
        grid("Plan | Price", "Pro | 20", "Team | 30", "* All prices are meant without value added tax.")
    ) == [
        "Plan: Pro; Price: 20",
        "Plan: Team; Price: 30",
        "(* All prices are meant without value added tax.)",
    ]


@pytest.mark.parametrize(
    "rows",
    [
        ("Model | Halden D3", "Rated load | 8 kg", "Noise | 64 dB", "Fuse | 16 A"),
        ("Customer | Muster Works", "Ordered | 2026-03-01", "Pieces | 12", "Contact | Ida"),
        ("Name: | Ida", "Room: | big hall", "Desk: | by the door"),
        ("Phone | 5511", "Fax | 5522"),
    ],
)
def test_names_with_their_values_are_pairs(rows: tuple[str, ...]) -> None:
    assert told(grid(*rows)) == [row.replace(": |", " |").replace(" | ", " = ") for row in rows]


def test_a_form_may_have_pairs_side_by_side() -> None:
    assert told(grid("Name: | Ida | Date: | 1 May", "Room: | B14 | Phone: | 5511")) == [
        "Name = Ida", "Date = 1 May", "Room = B14", "Phone = 5511",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "rows",
    [
        ("Name | Room", "Ida | B14", "Bo | B15"),
        ("Country | 2025", "Belgium | 5", "Chile | 7"),
        ("Plan | Price", "Pro | € 20", "Team | € 30"),
        ("Term | Meaning", "Slot | a place for a card", "Rack | where slots are"),
        ("Code | Meaning", "E1 | door open", "E2 | no water", "E3 | 3 faults"),
        ("Value | Limit", "Noise | 64"),
    ],
)
def test_two_columns_with_names_are_no_pairs(rows: tuple[str, ...]) -> None:
    (names, *body) = ([cell.strip() for cell in row.split("|")] for row in rows)
    assert told(grid(*rows)) == [described_row(names, cells) for cells in body]


def test_labels_stand_over_the_rows_that_follow_and_names_that_come_again_go() -> None:
    assert told(
        grid(
            "Parts of series D | < | <",
            "Part | Place | Pieces",
            "Hinge | rack 4 | 12",
            "Parts of series W | < | <",
            "Part | Place | Pieces",
            "Glass | rack 9 | 3",
        )
    ) == [
        "Parts of series D",
        "Part: Hinge; Place: rack 4; Pieces: 12",
        "[Parts of series W]",
        "Part: Glass; Place: rack 9; Pieces: 3",
    ]


def test_other_names_below_a_label_begin_another_table() -> None:
    assert told(
        grid(
            "Team | <",
            "Name | Room",
            "Ida | B14",
            "Bo | B15",
            "Devices | <",
            "Device | Serial",
            "Printer | PX-881",
            "Scanner | PX-882",
        )
    ) == [
        "Team", "Name: Ida; Room: B14", "Name: Bo; Room: B15",
        "Devices", "Device: Printer; Serial: PX-881", "Device: Scanner; Serial: PX-882",
    ]  # fmt: skip


def test_rows_in_bold_name_columns_where_words_alone_do_not_tell() -> None:
    rows = ("Ida | Berlin", "Bo | Paris")
    assert told(grid("Lead | Site", *rows, strong=(0,))) == [
        "Lead: Ida; Site: Berlin",
        "Lead: Bo; Site: Paris",
    ]


def test_a_table_below_goes_on_with_the_names_above_where_it_has_none() -> None:
    above = next(
        part for part in parts_of(grid("Name | Room", "Ida | B14", "Bo | B15")) if isinstance(part, Columns)
    )
    (part,) = parts_of(grid("Uwe | B16", "Ann | B17"), above)
    assert isinstance(part, Columns)
    assert part.names == ("Name", "Room")
    (other,) = parts_of(grid("Device | Serial", "Printer | PX-881"), above)
    assert isinstance(other, Columns)
    assert other.names == ("Device", "Serial")


def test_rows_of_values_that_come_again_are_no_third_row_of_names() -> None:
    assert (
        told(
            grid(
                " | Class 1 | < | Class 2 | <",
                " | A with B | < | A | B",
                "R1 | True | False | True | True",
                "R2 | False | True | True | False",
                "R3 | True | False | False | True",
            )
        )[0]
        == "R1; Class 1 / A with B: True; Class 1 / A with B: False; Class 2 / A: True; Class 2 / B: True"
    )
