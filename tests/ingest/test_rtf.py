"""Rich Text: what a reader sees of it, in any code page, and nothing that is hidden."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.extract import Extracted, extract
from ragchat.documents.blocks import check_blocks
from ragchat.errors import DocumentFailed

FONTS = r"{\fonttbl{\f0\fcharset0 Arial;}{\f1\fcharset204 Arial Cyr;}{\f2\fcharset128 Mincho;}"
FONTS += r"{\f3\fcharset2 Wingdings;}{\f4\fcharset2 Symbol;}}"
HEAD = r"{\rtf1\ansi\ansicpg1252\deff0" + FONTS


def read(body: str, head: str = HEAD) -> Extracted:
    extracted = extract((head + body + "}").encode("latin-1"), "note.rtf")
    check_blocks(extracted.blocks, extracted.text)
    return extracted


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (r"One line.\par Another one.\par", "One line.\n\nAnother one."),
        (r"It costs 5 \u8364? a day.\par", "It costs 5 € a day."),
        (r"Gr\'fc\'dfe aus K\'f6ln\par", "Grüße aus Köln"),
        (r"{\f1 \'cf\'f0\'e8\'e2\'e5\'f2}\par", "Привет"),
        (r"{\f2 \'93\'fa\'96\'7b}\par", "日本"),
        (r"{\uc2 \u26085\'93\'fa\u26412\'96\'7b}\par", "日本"),
        (r"\u-10179?\u-8704?\par", "😀"),
        (r"10{\super 6} cells of CO{\sub 2}\par", "10⁶ cells of CO2"),
        (r"{\f3 \'fe} Sealed, {\f4 \'b3} 5 bar, {\f3\u-3928?} Greased\par", "☑ Sealed, ≥ 5 bar, ☐ Greased"),
        (r"{\strike 40} 30 euro\par", "~~40~~ 30 euro"),
        (r"10{\up8\fs16 6} J, H{\dn4 2}O\par", "10⁶ J, H2O"),
        (r"{\f2 \'83e\'83X\'83g}\par", "テスト"),
        (r"Seen{\v  hidden}{\deleted  deleted} text\par", "Seen text"),
        (r"A\~b\_c \emdash  d\tab e\par", "A b-c — d\te"),
        (r"\{braces\} and \\ stay\par", "{braces} and \\ stay"),
        (r"Open{\*\unknown gone} gate{\pict\wmetafile8 0102}{\header Page 1}\par", "Open gate"),
        (r"Text{\*\shpinst{\sp{\sn a}{\sv 1}}{\shptxt  in a box}}\par", "Text in a box"),
        (r"{\field{\*\fldinst{HYPERLINK "'"https://a.example/x"'r"}}{\fldrslt the form}}\par", "[the form](https://a.example/x)"),
        (r"{\field{\*\fldinst PAGE}{\fldrslt 3}}\par", "3"),
    ],
)  # fmt: skip
def test_characters_and_looks(body: str, text: str) -> None:
    assert read(body).text == text


def test_rows_of_a_table_stand_below_their_header() -> None:
    row = r"\trowd\cellx1\cellx2 {0}\intbl\cell {1}\intbl\cell\row"
    body = "".join(
        row.replace("{0}", day).replace("{1}", gate) for day, gate in (("Day", "Gate"), ("Sunday", "3"))
    )
    extracted = read(rf"Gates:\par\pard {body}\pard After it.\par")
    assert "| Day | Gate |\n| --- | --- |\n| Sunday | 3 |" in extracted.text
    assert [block.kind for block in extracted.blocks] == ["paragraph", "table", "header", "row", "paragraph"]


def test_lists_keep_their_items_and_numbers() -> None:
    body = (
        r"{\listtext\'b7\tab}\ilvl0 One\par{\listtext\'b7\tab}\ilvl1 Inside\par"
        r"\pard {\listtext 1.\tab}\ilvl0 Step\par"
    )
    extracted = read(body)
    assert "- One\n    - Inside" in extracted.text
    assert "1. Step" in extracted.text
    assert {"list", "item", "step"} <= {block.kind for block in extracted.blocks}


def test_headings_by_style_and_by_outline() -> None:
    head = HEAD + r"{\stylesheet{\s0 Normal;}{\s1 heading 1;}{\s2 \'dcberschrift 2;}}"
    extracted = read(r"\s1 Rules\par\pard Text.\par\pard\s2 Keys\par\pard\outlinelevel2 Locks\par", head)
    assert [(one.level, one.title) for one in extracted.headings] == [(1, "Rules"), (2, "Keys"), (3, "Locks")]


def test_a_footnote_has_a_mark_and_never_glues_to_a_number() -> None:
    extracted = read(
        r"Rent is 300{\super\chftn{\footnote\pard\plain {\super\chftn} Without heating.}} euro.\par"
    )
    assert "300[^1] euro" in extracted.text
    assert extracted.text.endswith("[^1]: Without heating.")


def test_title_and_author_are_those_of_the_properties() -> None:
    extracted = read(r"{\info{\title House rules}{\author Ida}{\operator Bo}{\*\company Halden}}Text.\par")
    assert (extracted.title, extracted.metadata["author"]) == ("House rules", "Ida")
    assert extracted.text == "Text."


def test_an_empty_one_says_so() -> None:
    assert read(r"\par").reason == "the document has no text"


@given(st.text(alphabet=r"\{}'*abcdrowu0123456789 ;-" + "\n", max_size=300))
def test_whatever_it_holds_its_blocks_are_sound(body: str) -> None:
    try:
        read(body)
    except DocumentFailed as failure:
        assert failure.code == "damaged"  # noqa: PT017


def test_deep_groups_and_long_runs_end() -> None:
    extract((HEAD + "{" * 100_000 + "x" + "}" * 100_001).encode(), "deep.rtf")
    assert len(read("word " * 100_000 + r"\par").text) > 400_000


def test_a_list_in_a_cell_does_not_tear_the_row() -> None:
    item = r"{\listtext\pard\plain \'b7\tab}\ls1"
    row = (
        rf"\trowd\cellx1\cellx2\pard\intbl Pro\cell\pard\intbl{item} calls\par\pard\intbl{item} mail\cell\row"
    )
    extracted = read(rf"\trowd\cellx1\cellx2\pard\intbl Plan\cell What\cell\row {row}\pard After.\par")
    assert len([block for block in extracted.blocks if block.kind == "row"]) == 1
    assert "calls" in extracted.text.split("| Pro |")[1].split("\n")[0]


def test_many_open_fields_and_paragraphs_end() -> None:
    read(r"{\field" * 1_900 + r"a\par " * 20_000)


def rows_of(*rows: tuple[str, tuple[str, ...]]) -> str:
    """Rows by the definition of each cell ("" or the words of a merge) and its text."""
    return "".join(
        rf"\trowd{merges}" + "".join(rf"\pard\intbl {cell}\cell" for cell in cells) + r"\row"
        for merges, cells in rows
    )


def test_merged_cells_say_what_they_are_merged_with() -> None:
    text = read(
        rows_of(
            (r"\cellx1\clmgf\cellx2\clmrg\cellx3", ("Gate", "Opening hours", "")),
            (r"\clvmgf\cellx1\cellx2\cellx3", ("North", "Monday", "8 to 18")),
            (r"\clvmrg\cellx1\cellx2\cellx3", ("", "Sunday", "closed")),
            (r"\cellx1\cellx2\cellx3", ("South", "", "open")),
        )
    ).text
    assert "| Gate | Opening hours | Opening hours |" in text
    assert "| North | Sunday | closed |" in text
    assert "| South |  | open |" in text


def test_a_table_below_words_is_merged_with_nothing_above_them() -> None:
    first = rows_of((r"\cellx1\cellx2", ("Gate", "Hours")), (r"\cellx1\cellx2", ("North", "8 to 18")))
    second = rows_of((r"\clvmrg\cellx1\cellx2", ("", "Phone")), (r"\cellx1\cellx2", ("Desk", "12")))
    text = read(first + r"\pard Below it.\par" + second).text
    assert text.count("North") == 1
