"""Delimited text: which sign parts the cells, quotes that people left open, lines that are no rows."""

import pytest

from ingest.extract import extract
from ingest.extract.tables.delimited import delimited_rows, delimiter_of


def lines(text: str, name: str = "t.csv") -> list[str]:
    """What is served below the title of the file."""
    return [line for line in extract(text.encode(), name).text.split("\n")[2:] if line]


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("a,b\n1,2\n", ","),
        ("Artikel;Preis\nSchlauch;12,50\nFilter;7,00\n", ";"),
        ("a\tb\n1, 2\t3\n", "\t"),
        ("a|b\n1|2\n", "|"),
        ("Banned agents\nbleach\npowder, coarse\nacetone\n", ""),
        ("Name,Room\nIda,B14,key 3\nBo\nUwe,B16\n", ","),
    ],
)
def test_the_delimiter_is_the_one_that_parts_most_rows(text: str, delimiter: str) -> None:
    assert delimiter_of(text) == delimiter


@pytest.mark.parametrize("where", [0, 3, 40])
def test_a_quote_that_is_never_closed_costs_its_row_and_no_other(where: int) -> None:
    rows = [f"Part {n},plain,{n}" for n in range(60)]
    rows.insert(where, 'Hose,"3/4"" thread,12')
    found = lines("Part,Note,Price\n" + "\n".join(rows))
    assert len(found) == 61
    assert found[where] == 'Part: Hose; Note: 3/4" thread; Price: 12'
    assert found[-1] == "Part: Part 59; Note: plain; Price: 59"


def test_a_quote_that_the_quotes_of_another_row_would_close_costs_its_row_only() -> None:
    assert delimited_rows('a,b\n1,"x\n2,y\n3,y\n4,"z"\n') == [
        ["a", "b"],
        ["1", "x"],
        ["2", "y"],
        ["3", "y"],
        ["4", "z"],
        [],
    ]


def test_a_cell_may_have_several_lines_and_quotes_inside() -> None:
    assert lines('Step,Text,Owner\n1,"Open the lid.\nLet it ""cool"".",Ida\n2,"Close, then lock.",Bo\n') == [
        'Step: 1; Text: Open the lid. Let it "cool".; Owner: Ida',
        "Step: 2; Text: Close, then lock.; Owner: Bo",
    ]


def test_a_quote_inside_of_a_word_is_an_inch() -> None:
    assert lines('Part,Size\nScreen,24"\nPipe,1/2"\n') == [
        'Part: Screen; Size: 24"',
        'Part: Pipe; Size: 1/2"',
    ]


def test_the_line_that_tells_excel_the_delimiter_is_no_row() -> None:
    assert lines("sep=;\nName;Room\nBo;B15\n") == ["Name: Bo; Room: B15"]


def test_a_single_column_is_a_list_below_its_first_line() -> None:
    extracted = extract(b"Banned agents\nbleach\npowder, coarse\n", "t.csv")
    assert extracted.text == "# T\n\nBanned agents\n\nbleach\npowder, coarse"
    assert [block.kind for block in extracted.blocks] == ["heading", "paragraph", "list", "item", "item"]
    assert extracted.blocks[2].lead == extracted.blocks[1].span


def test_quotes_without_end_take_linear_time() -> None:
    text = "a,b,c\n" + '1,"open,3\n' * 20_000
    assert len(delimited_rows(text)) == 20_002


def test_a_cell_of_a_million_digits_and_a_letter_is_words() -> None:
    assert lines("a,b\n" + "1" * 1_000_000 + "x,2\n")[0].endswith("b: 2")


def test_tabs_part_the_cells_before_commas_in_words() -> None:
    text = extract(b"Pier\tPlace, side\nEast\tharbour, left\nWest\tbay, right\n", "piers.csv").text
    assert "Pier: West; Place, side: bay, right" in text


def test_blanks_around_quoted_cells_do_not_open_them() -> None:
    text = extract(b'Pier , Depth \n "East, old" , 4\n West , 6\n', "piers.csv").text
    assert "Pier: East, old; Depth: 4" in text
