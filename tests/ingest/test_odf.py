"""OpenDocument: texts, sheets and slides as a reader sees them; what is hidden, deleted or resolved is not served."""

import io
import time
import zipfile

import pytest

from ingest.extract.extracted import Extracted
from ingest.extract.odf import extract
from ragchat.documents.blocks import check_blocks
from ragchat.errors import DocumentFailed
from tests.support.outlines import outline

SCHEMAS = "urn:oasis:names:tc:opendocument:xmlns"
NAMES = {
    "office": f"{SCHEMAS}:office:1.0",
    "text": f"{SCHEMAS}:text:1.0",
    "table": f"{SCHEMAS}:table:1.0",
    "draw": f"{SCHEMAS}:drawing:1.0",
    "style": f"{SCHEMAS}:style:1.0",
    "fo": f"{SCHEMAS}:xsl-fo-compatible:1.0",
    "svg": f"{SCHEMAS}:svg-compatible:1.0",
    "chart": f"{SCHEMAS}:chart:1.0",
    "presentation": f"{SCHEMAS}:presentation:1.0",
    "meta": f"{SCHEMAS}:meta:1.0",
    "manifest": f"{SCHEMAS}:manifest:1.0",
    "xlink": "http://www.w3.org/1999/xlink",
    "dc": "http://purl.org/dc/elements/1.1/",
    "math": "http://www.w3.org/1998/Math/MathML",
    "loext": "urn:org:documentfoundation:names:experimental:office:xmlns:loext:1.0",
}
DECLARED = " ".join(f'xmlns:{prefix}="{name}"' for prefix, name in NAMES.items())
ENDINGS = {"text": "odt", "spreadsheet": "ods", "presentation": "odp"}


def content(kind: str, body: str, styles: str = "") -> str:
    """The XML of a content part."""
    return (
        f'<office:document-content {DECLARED} office:version="1.3">'
        f"<office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:{kind}>{body}</office:{kind}></office:body></office:document-content>"
    )


def package(kind: str, body: str, styles: str = "", parts: dict[str, str] | None = None) -> bytes:
    """A file; `parts` by name, "styles" and "meta" by what stands inside of their root."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", f"application/vnd.oasis.opendocument.{kind}")
        archive.writestr("content.xml", content(kind, body, styles))
        for name, inside in (parts or {}).items():
            if name in ("styles", "meta"):
                root = f"office:document-{name}"
                archive.writestr(f"{name}.xml", f"<{root} {DECLARED}>{inside}</{root}>")
            else:
                archive.writestr(name, inside)
    return target.getvalue()


def checked(data: bytes, name: str) -> Extracted:
    extracted = extract(data, name)
    check_blocks(extracted.blocks, extracted.text)
    return extracted


def read(kind: str, body: str, styles: str = "", parts: dict[str, str] | None = None) -> Extracted:
    return checked(package(kind, body, styles, parts), f"a-file.{ENDINGS[kind]}")


def text(body: str, styles: str = "", parts: dict[str, str] | None = None) -> str:
    return read("text", body, styles, parts).text


def p(words: str, style: str = "") -> str:
    return f'<text:p text:style-name="{style}">{words}</text:p>'


def h(words: str, level: int = 1) -> str:
    return f'<text:h text:outline-level="{level}">{words}</text:h>'


def span(words: str, style: str) -> str:
    return f'<text:span text:style-name="{style}">{words}</text:span>'


def items(*entries: str, style: str = "", more: str = "") -> str:
    inside = "".join(f"<text:list-item>{entry}</text:list-item>" for entry in entries)
    return f'<text:list text:style-name="{style}" {more}>{inside}</text:list>'


def styled(name: str, family: str = "text", properties: str = "", more: str = "", kind: str = "text") -> str:
    return (
        f'<style:style style:name="{name}" style:family="{family}" {more}>'
        f"<style:{kind}-properties {properties}/></style:style>"
    )


def cell(words: str = "", more: str = "", inside: str = "") -> str:
    paragraph = f"<text:p>{words}</text:p>" if words else ""
    return f'<table:table-cell office:value-type="string" {more}>{paragraph}{inside}</table:table-cell>'


def row(*cells: str, more: str = "") -> str:
    inside = "".join(one if one.startswith("<") else cell(one) for one in cells)
    return f"<table:table-row {more}>{inside}</table:table-row>"


def table(*rows: str, name: str = "Stock", more: str = "", columns: str = "") -> str:
    return f'<table:table table:name="{name}" {more}>{columns}{"".join(rows)}</table:table>'


def sheet(*tables: str, styles: str = "") -> Extracted:
    return read("spreadsheet", "".join(tables), styles)


def page(*shapes: str, more: str = "") -> str:
    return f'<draw:page draw:name="page1" {more}>{"".join(shapes)}</draw:page>'


def box(inside: str, more: str = "") -> str:
    return f"<draw:frame {more}><draw:text-box>{inside}</draw:text-box></draw:frame>"


NUMBERED = "".join(
    f'<text:list-level-style-number text:level="{level}" style:num-format="{form}" {more}/>'
    for level, form, more in (
        (1, "1", 'style:num-suffix="."'),
        (2, "1", 'text:display-levels="2"'),
        (3, "a", 'style:num-prefix="(" style:num-suffix=")"'),
    )
)
LISTS = (
    f'<text:list-style style:name="N">{NUMBERED}</text:list-style>'
    '<text:list-style style:name="B"><text:list-level-style-bullet text:level="1" text:bullet-char="•"/>'
    '<text:list-level-style-bullet text:level="2" text:bullet-char="◦"/></text:list-style>'
)
LOOKS = (
    styled("Up", properties='style:text-position="super 58%"')
    + styled("Low", properties='style:text-position="-33% 58%"')
    + styled("Gone", properties='style:text-line-through-style="solid"')
    + styled("Kept", properties='style:text-line-through-style="none"')
    + styled("Hidden", properties='text:display="none"')
    + styled("Unseen", "paragraph", 'text:display="none"')
    + styled("Bold", properties='fo:font-weight="bold"')
    + styled("Old", "paragraph", 'style:text-line-through-type="double"')
)


def test_a_text_in_its_order_with_headings_lists_and_tables() -> None:
    extracted = read(
        "text",
        h("Loan of tools") + p("Tools are lent so:") + items(p("Deposit: 20 euro"), p("Ask first")) + h("Fees", 2)
        + table(row("Tool", "Fee"), row("Hoist", "9 euro")),
    )  # fmt: skip
    assert outline(extracted.blocks, extracted.text) == [
        "heading: # Loan of tools",
        "paragraph: Tools are lent so:",
        "list <- Tools are lent so:",
        "  item: - Deposit: 20 euro",
        "  item: - Ask first",
        "heading: ## Fees",
        "table",
        "  header: | Tool | Fee |",
        "  row: | Hoist | 9 euro | <- | Tool | Fee |",
    ]
    assert [(heading.level, heading.title) for heading in extracted.headings] == [
        (1, "Loan of tools"),
        (2, "Fees"),
    ]
    assert (extracted.title, extracted.media_type) == (
        "Loan of tools",
        "application/vnd.oasis.opendocument.text",
    )


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("<text:span>A</text:span>\n    <text:span>B</text:span>", "A B"),
        ("a<text:s/>b<text:s text:c='3'/>c", "a b   c"),
        ("a<text:tab/>b<text:line-break/>c", "a\tb\nc"),
        ("10" + span("6", "Up") + " turns of CO" + span("2", "Low"), "10⁶ turns of CO2"),
        ("The 1" + span("st", "Up") + " of x" + span(span("2", "Bold"), "Up"), "The 1st of x²"),
        ("Now 9 euro, " + span("before 12", "Gone") + ".", "Now 9 euro, ~~before 12~~."),
        ("Code" + span(" 1234", "Hidden") + " open", "Code open"),
        ('See <text:a xlink:href="https://a.example/x">the rules</text:a>.', "See [the rules](https://a.example/x)."),
        ('See <text:a xlink:href="#Fees|outline">Fees</text:a>.', "See Fees."),
        (
            "A<office:annotation><dc:creator>Eve</dc:creator><text:p>Really?</text:p></office:annotation>B",
            "AB\n[Comment by Eve: Really?]",
        ),
        ("A<office:annotation loext:resolved='true'><text:p>Done?</text:p></office:annotation>B", "AB"),
        ("<text:ruby><text:ruby-base>東京</text:ruby-base><text:ruby-text>とう</text:ruby-text></text:ruby>", "東京"),
        ('a<text:hidden-text text:is-hidden="true">secret</text:hidden-text>b', "ab"),
        ('a <text:variable-set text:display="none">7</text:variable-set>b', "a b"),
        ('<text:hidden-paragraph text:is-hidden="true"/>Nothing', ""),
        ("Dear <text:placeholder>your name</text:placeholder>Jo", "Dear Jo"),
        ('Page <text:page-number>3</text:page-number>, <text:bookmark-ref>Fees</text:bookmark-ref>', "Page 3, Fees"),
    ],
)  # fmt: skip
def test_the_words_of_a_paragraph(words: str, expected: str) -> None:
    assert text(p(words), LOOKS) == expected


def test_paragraphs_are_struck_or_hidden_by_their_style_unless_words_say_otherwise() -> None:
    body = (
        p("Old " + span("but true", "Kept"), "Old") + p("secret", "Unseen") + p("child of a hidden one", "P")
    )
    child = '<style:style style:name="P" style:family="paragraph" style:parent-style-name="Unseen"/>'
    assert text(body, LOOKS + child) == "~~Old~~ but true"


def test_signs_of_fonts_and_boxes_of_forms_are_read_as_what_they_show() -> None:
    field = "urn:openoffice:names:experimental:ooo-ms-interop:xmlns:field:1.0"
    ticked = (
        f'<f:fieldmark xmlns:f="{field}" f:type="vnd.oasis.opendocument.field.FORMCHECKBOX">'
        '<f:param f:name="Checkbox_Checked" f:value="true"/></f:fieldmark>'
    )
    prompt = '<loext:content-control loext:showing-place-holder="true">Click here</loext:content-control>'
    sign = span("\uf0fe", "Sign")
    style = styled("Sign", properties='style:font-name="Wingdings"')
    assert text(p(f"{ticked} Badge {sign} Key {prompt}"), style) == "☒ Badge ☑ Key"


def test_styles_of_headers_do_not_change_the_body() -> None:
    header = styled("P1", "paragraph", 'text:display="none"')
    parts = {
        "styles": f"<office:automatic-styles>{header}</office:automatic-styles><office:master-styles>"
        "<style:master-page><style:header><text:p>Page head</text:p></style:header></style:master-page>"
        "</office:master-styles>"
    }
    assert text(p("Shown", "P1"), parts=parts) == "Shown"


def note(words: str, label: str, kind: str = "footnote") -> str:
    return (
        f'<text:note text:note-class="{kind}"><text:note-citation>{label}</text:note-citation>'
        f"<text:note-body>{p(words)}</text:note-body></text:note>"
    )


def test_notes_are_marked_in_the_words_and_stand_behind_their_paragraph() -> None:
    body = p(f"It costs 5 euro{note('Without tax.', '1')} a day{note('Or night.', 'i', 'endnote')}.") + p(
        "End"
    )
    extracted = read("text", body)
    assert outline(extracted.blocks, extracted.text) == [
        "paragraph: It costs 5 euro[^1] a day[^i].",
        "footnote: [^1]: Without tax.",
        "footnote: [^i]: Or night.",
        "paragraph: End",
    ]


def test_notes_without_a_label_are_counted() -> None:
    assert text(p(f"A{note('one', '')}B{note('two', '')}")) == "A[^1]B[^2]\n[^1]: one\n[^2]: two"


def test_deleted_text_is_not_served_and_inserted_text_is() -> None:
    body = (
        '<text:tracked-changes><text:changed-region text:id="a"><text:deletion><text:p>12 euro</text:p>'
        "</text:deletion></text:changed-region></text:tracked-changes>"
        + p('Price: <text:change text:change-id="a"/><text:change-start text:change-id="b"/>14 euro'
            '<text:change-end text:change-id="b"/>')
    )  # fmt: skip
    assert text(body) == "Price: 14 euro"


def test_lists_inside_of_one_another_count_as_their_style_says() -> None:
    inner = p("Scope") + items(p("All") + items(p("dryers"), p("irons")), p("None"))
    assert text(items(inner, p("Payment"), style="N"), LISTS).split("\n") == [
        "1. Scope", "    1.1 All", "        (a) dryers", "        (b) irons", "    1.2 None", "2. Payment",
    ]  # fmt: skip


def test_items_are_steps_or_items_by_the_style_of_their_list() -> None:
    extracted = read("text", items(p("first"), p("second"), style="N") + items(p("a coat"), style="B"), LISTS)
    kinds = [line.split(":")[0] for line in outline(extracted.blocks, extracted.text)]
    assert kinds == ["list", "  step", "  step", "list", "  item"]


def test_a_list_goes_on_or_begins_anew_as_it_says() -> None:
    more = 'text:continue-numbering="true"'
    started = '<text:list style-name="N" text:style-name="N"><text:list-item text:start-value="7">'
    body = (
        items(p("one"), style="N") + p("Between") + items(p("two"), style="N", more=more) + p("Then")
        + items(p("anew"), style="N") + p("Last") + f"{started}{p('seven')}</text:list-item></text:list>"
    )  # fmt: skip
    lines = [line for line in text(body, LISTS).split("\n") if line]
    assert lines == ["1. one", "Between", "2. two", "Then", "1. anew", "Last", "7. seven"]


def test_a_list_that_goes_on_inside_of_an_item_without_words_counts_on() -> None:
    more = 'text:continue-numbering="true"'
    body = (
        items(p("Map") + items(p("Walk")), style="N")
        + p("Ducks.")
        + items(items(p("Shelf")), style="N", more=more)
    )
    assert text(body, LISTS).split("\n\n") == ["1. Map\n    1.1 Walk", "Ducks.", "1.2 Shelf"]


def test_further_paragraphs_go_on_with_their_item() -> None:
    extracted = read(
        "text", items(p("Bring") + p("if it rains") + items(p("boots")) + p("and come"), p("Go"))
    )
    assert outline(extracted.blocks, extracted.text) == [
        "list",
        "  item: - Bring",
        "    paragraph: if it rains",
        "    list <- if it rains",
        "      item: - boots",
        "    paragraph: and come",
        "  item: - Go",
    ]


def test_headings_have_the_numbers_of_their_outline_also_inside_of_lists() -> None:
    outline_style = (
        '<office:styles><text:outline-style style:name="Outline">'
        '<text:outline-level-style text:level="1" style:num-format="1" style:num-suffix="."/>'
        '<text:outline-level-style text:level="2" style:num-format="1" text:display-levels="2"/>'
        "</text:outline-style></office:styles>"
    )
    listed = f"<text:list><text:list-item>{h('Fees', 2)}</text:list-item></text:list>"
    extracted = read("text", h("Loan") + h("Rules", 2) + listed + h("End"), parts={"styles": outline_style})
    assert extracted.text.split("\n\n") == ["# 1. Loan", "## 1.1 Rules", "## 1.2 Fees", "# 2. End"]
    assert len(extracted.headings) == 4


def test_styles_make_titles_headings_code_and_quotations() -> None:
    styles = {
        "styles": '<office:styles><style:style style:name="Title" style:family="paragraph"/>'
        '<style:style style:name="Heading_20_2" style:family="paragraph"/>'
        '<style:style style:name="Quotations" style:family="paragraph"/>'
        '<style:style style:name="Preformatted_20_Text" style:family="paragraph"/></office:styles>'
    }
    child = '<style:style style:name="P1" style:family="paragraph" style:parent-style-name="Title"/>'
    body = (
        p("Handbook", "P1") + p("Part", "Heading_20_2") + p("Be kind.", "Quotations")
        + p("a = 1", "Preformatted_20_Text") + p("b = 2", "Preformatted_20_Text")
    )  # fmt: skip
    extracted = read("text", body, child, styles)
    assert extracted.text == "# Handbook\n\n## Part\n\nBe kind.\n\n```\na = 1\nb = 2\n```"
    assert [block.kind for block in extracted.blocks][2:] == ["quotation", "code"]


def test_merged_cells_are_repeated_and_header_rows_are_the_header() -> None:
    covered = "<table:covered-table-cell/>"
    extracted = read(
        "text",
        table(
            f"<table:table-header-rows>{row('Plan', 'Fee', 'Note')}</table:table-header-rows>",
            row(cell("Basic", 'table:number-rows-spanned="2"'), "4", "a"),
            row(covered, "5", "b"),
            row("Pro", cell("free", 'table:number-columns-spanned="2"'), covered),
        ),
    )
    assert extracted.text.split("\n") == [
        "| Plan | Fee | Note |", "| --- | --- | --- |", "| Basic | 4 | a |", "| Basic | 5 | b |",
        "| Pro | free | free |",
    ]  # fmt: skip


def test_notes_lists_and_tables_inside_of_cells() -> None:
    inner = table(row("x", "y"))
    body = table(
        row("Tool", "Rule"),
        row(cell("Saw" + note("Loud.", "1")), cell("", inside=items(p("gloves"), p("glasses")))),
        row("Kit", cell("Parts", inside=inner)),
    )
    assert text(body).split("\n")[2:] == [
        "| Saw[^1] | gloves glasses |",
        "| Kit | Parts / x, y |",
        "[^1]: Loud.",
    ]


def test_numbered_items_in_a_cell_keep_their_numbers() -> None:
    steps = cell("", inside=items(p("close the valve") + items(p("fully")), p("call the desk"), style="N"))
    body = table(row("Fault", "Steps"), row("Leak", steps))
    assert text(body, LISTS).endswith("| Leak | 1. close the valve 1.1 fully 2. call the desk |")


def test_a_table_of_one_column_only_places_its_text() -> None:
    assert text(table(row(cell("", inside=h("Aims") + p("Be on time."))))) == "# Aims\n\nBe on time."


def test_boxes_pictures_and_formulas_are_read() -> None:
    picture = "<draw:frame><draw:image/><svg:title>Plan</svg:title><svg:desc>Exits of hall 3</svg:desc></draw:frame>"
    decoration = '<draw:frame loext:decorative="true"><draw:image/><svg:desc>line</svg:desc></draw:frame>'
    named = "<draw:frame><draw:image/><svg:desc>image1.png</svg:desc></draw:frame>"
    formula = '<draw:frame><draw:object xlink:href="./Object 1"/></draw:frame>'
    math = (
        f'<math xmlns="{NAMES["math"]}"><semantics><msup><mi>r</mi><mn>2</mn></msup>'
        "<annotation>r^2</annotation></semantics></math>"
    )
    body = p(f"Area{picture}{decoration}{named}") + p(f"is {formula}.") + p("Box:" + box(p("Mind the step")))
    extracted = text(body, parts={"Object 1/content.xml": math})
    assert extracted.split("\n\n") == [
        "Area", "[Image: Plan: Exits of hall 3]", "is r².", "Box:", "Mind the step",
    ]  # fmt: skip


def test_the_numbers_of_a_chart_are_a_table() -> None:
    chart = content(
        "chart",
        "<chart:chart><chart:title><text:p>Sales</text:p></chart:title>"
        + table(f"<table:table-header-rows>{row('', '2025')}</table:table-header-rows>", row("South", "20"))
        + "</chart:chart>",
    )
    body = p('Below:<draw:frame><draw:object xlink:href="./Object 1"><loext:p/></draw:object></draw:frame>')
    assert "| South | 20 |" in text(body, parts={"Object 1/content.xml": chart})


def test_hidden_sections_and_lists_of_contents_are_left_out() -> None:
    listed = "<text:index-body><text:p>Fees 3</text:p></text:index-body>"
    contents = f"<text:table-of-content>{listed}</text:table-of-content>"
    hidden = f'<text:section text:display="none">{p("secret")}</text:section>'
    assert text(contents + hidden + f"<text:section>{h('Fees')}</text:section>") == "# Fees"


def test_title_author_and_dates_are_those_of_the_facts() -> None:
    meta = (
        "<office:meta><dc:title>Lending rules</dc:title><meta:initial-creator>Ada Wood</meta:initial-creator>"
        "<dc:creator>Someone</dc:creator><meta:creation-date>2025-03-04T10:00:00</meta:creation-date>"
        "<dc:date>2026-01-02T11:00:00.5</dc:date><meta:keyword>tools</meta:keyword><meta:keyword>fees</meta:keyword>"
        "</office:meta>"
    )
    extracted = read("text", h("First"), parts={"meta": meta})
    assert extracted.title == "Lending rules"
    assert dict(extracted.metadata) == {
        "author": "Ada Wood", "created": "2025-03-04", "modified": "2026-01-02", "keywords": "tools, fees",
    }  # fmt: skip
    assert read("text", p("No heading")).title == "A file"
    left = "<office:meta><dc:title>Untitled 1</dc:title></office:meta>"
    assert read("text", h("Lending"), parts={"meta": left}).title == "Lending"


def test_sheets_stand_under_their_names_and_rows_name_their_columns() -> None:
    extracted = sheet(
        table(row("Part", "Pieces"), row("Hose", "48"), row("Seal", "7")),
        table(row("Plan", "Fee"), row("Pro", "20")),
    )
    assert extracted.text.split("\n") == [
        "# Stock", "", "Part: Hose; Pieces: 48", "Part: Seal; Pieces: 7", "", "# Stock", "", "Plan: Pro; Fee: 20",
    ]  # fmt: skip
    assert extracted.title == "A file"


@pytest.mark.parametrize(
    ("attributes", "shown"),
    [
        ('office:value-type="float" office:value="48"', "48"),
        ('office:value-type="percentage" office:value="0.07"', "7%"),
        ('office:value-type="currency" office:value="9.5" office:currency="EUR"', "9.5 EUR"),
        ('office:value-type="date" office:date-value="2026-03-01T00:00:00"', "2026-03-01"),
        ('office:value-type="time" office:time-value="PT08H30M00S"', "08:30:00"),
        ('office:value-type="boolean" office:boolean-value="true"', "TRUE"),
        ('office:value-type="string" office:string-value="words"', "words"),
        ('table:formula="of:=SUM([.A1:.A2])" table:style-name="x"', "=SUM([.A1:.A2]) (not calculated)"),
    ],
)
def test_a_cell_without_text_shows_its_value(attributes: str, shown: str) -> None:
    value = f"<table:table-cell {attributes}/>"
    extracted = sheet(table(row("Name", "Value"), row("Row", value), row("Other", "words")))
    assert f"Name: Row; Value: {shown}" in extracted.text


def test_a_file_that_claims_a_million_rows_costs_nothing() -> None:
    blank = '<table:table-cell table:number-columns-repeated="16384"/>'
    body = table(
        row("Part", "Pieces"),
        row("Hose", "48", blank),
        row(blank, more='table:number-rows-repeated="1048574"'),
        row("Far", "1", more='table:number-rows-repeated="1048576"'),
        row(cell("wide", 'table:number-columns-repeated="999999999"'), more='table:number-rows-repeated="999999999"'),
    )  # fmt: skip
    begun = time.process_time()
    extracted = sheet(*[body] * 20)
    assert time.process_time() - begun < 10
    assert "Part: Hose; Pieces: 48" in extracted.text
    assert any("repeat" in told for told in extracted.notes)
    assert len(extracted.text) < 20_000_000


def test_repeated_cells_and_rows_stand_in_each_place() -> None:
    extracted = sheet(
        table(
            row("Day", "Early", "Late"),
            row("Monday", cell("Ann", 'table:number-columns-repeated="2"')),
            row("Sunday", "Bo", "Cy", more='table:number-rows-repeated="2"'),
        )
    )
    assert extracted.text.split("\n")[2:] == [
        "Day: Monday; Early: Ann; Late: Ann", *["Day: Sunday; Early: Bo; Late: Cy"] * 2,
    ]  # fmt: skip


def test_merged_cells_of_a_sheet_say_their_text_in_each_place() -> None:
    covered = "<table:covered-table-cell/>"
    extracted = sheet(
        table(
            row("Hall", "Day", "Pieces"),
            row(cell("North", 'table:number-rows-spanned="2"'), "Mo", "4"),
            row(covered, "Tu", "5"),
            row("South", "We", "6"),
        )
    )
    assert "Hall: North; Day: Tu; Pieces: 5" in extracted.text


def test_what_is_hidden_is_not_served_but_noted() -> None:
    styles = styled("Off", "table", 'table:display="false"', kind="table")
    columns = (
        "<table:table-column/>"
        '<table:table-column table:visibility="collapse" table:number-columns-repeated="2"/><table:table-column/>'
    )
    extracted = sheet(
        table(
            row("Part", "Cost", "Margin", "Price"),
            row("Hose", "1", "8", "9"),
            row("Old hose", "1", "6", "7", more='table:visibility="collapse"'),
            row("Filtered", "1", "6", "7", more='table:visibility="filter"'),
            row("Seal", "1", "3", "4"),
            columns=columns,
        ),
        table(row("secret", "9")),
        table(row("more secret", "9"), more='table:style-name="Off"'),
        styles=styles,
    )
    assert extracted.text.split("\n")[:4] == [
        "# Stock", "", "Part: Hose; Price: 9", "Part: Seal; Price: 4",
    ]  # fmt: skip
    assert "more secret" not in extracted.text
    assert extracted.notes == (
        "1 hidden sheet left out", "2 hidden rows left out", "2 hidden columns left out",
    )  # fmt: skip


def test_rows_of_a_closed_group_are_one_click_away() -> None:
    group = row("Seal", "7", more='table:visibility="collapse"')
    closed = f'<table:table-row-group table:display="false">{group}</table:table-row-group>'
    extracted = sheet(table(row("Part", "Pieces"), row("Hose", "48"), closed))
    assert "Part: Seal; Pieces: 7" in extracted.text
    assert extracted.notes == ()


def test_comments_stand_with_their_cells_and_shapes_behind_the_table() -> None:
    comment = (
        "<office:annotation><dc:creator>Eve</dc:creator><text:p>count again</text:p></office:annotation>"
    )
    shapes = f"<table:shapes>{box(p('Ask the desk'))}</table:shapes>"
    extracted = sheet(table(shapes, row("Part", "Pieces"), row("Hose", cell("48", inside=comment))))
    assert extracted.text.split("\n")[2:] == [
        "Part: Hose; Pieces: 48 (note: count again)",
        "",
        "Ask the desk",
    ]


def test_slides_are_pages_with_their_title_lists_tables_and_notes() -> None:
    notes = (
        "<presentation:notes>"
        + box(p("Greet the guests.") + p("Then begin."), 'presentation:class="notes"')
        + box(p("7"), 'presentation:class="page-number"')
        + "</presentation:notes>"
    )
    first = page(
        box(items(p("Helmets") + items(p("in hall 3")), p("Shoes")), 'presentation:class="outline"'),
        box(p("Safety week"), 'presentation:class="title"'),
        box(p("Click to add"), 'presentation:class="subtitle" presentation:placeholder="true"'),
        box(p("3 March"), 'presentation:class="date-time"'),
        notes,
    )
    talks = f"<draw:frame>{table(row('Day', 'Talk'), row('Mo', 'Fire'))}</draw:frame>"
    second = page(box(p("Talks"), 'presentation:class="title"'), talks)
    extracted = read("presentation", first + second)
    assert outline(extracted.blocks, extracted.text) == [
        "heading: # Safety week",
        "list",
        "  item: - Helmets",
        "    list <- - Helmets",
        "      item: - in hall 3",
        "  item: - Shoes",
        "paragraph: Notes: Greet the guests.",
        "heading: # Talks",
        "table",
        "  header: | Day | Talk |",
        "  row: | Mo | Fire | <- | Day | Talk |",
    ]
    assert len(extracted.pages) == 2
    assert extracted.text[extracted.pages[1] :].startswith("# Talks")
    assert extracted.title == "Safety week"


def test_comments_stand_behind_their_paragraph_and_not_in_titles_and_notes() -> None:
    comment = "<office:annotation><text:p>why?</text:p></office:annotation>"
    notes = f"<presentation:notes>{box(p(f'Greet{comment}'))}</presentation:notes>"
    slide = page(box(p(f"Safety{comment}"), 'presentation:class="title"'), box(p(f"Helmets{comment}")), notes)
    assert read("presentation", slide).text == "# Safety\n\nHelmets\n[Comment: why?]\n\nNotes: Greet"
    assert text(p(f"A{note(f'one{comment}', '1')}")) == "A[^1]\n[^1]: one"
    upon = page(box(p("Safety"), 'presentation:class="title"'), "<office:annotation><dc:creator>Eve</dc:creator>"
                "<text:p>why?</text:p></office:annotation>")  # fmt: skip
    assert read("presentation", upon).text == "# Safety\n\n[Comment by Eve: why?]"


def test_shapes_of_a_slide_are_read_from_top_to_bottom_and_hidden_slides_are_left_out() -> None:
    styles = styled("Off", "drawing-page", 'presentation:visibility="hidden"', kind="drawing-page")
    shape = f'<draw:custom-shape svg:x="1cm" svg:y="2cm">{p("upper")}</draw:custom-shape>'
    lower = box(p("lower"), 'svg:x="1cm" svg:y="50mm"')
    group = f"<draw:g>{lower}</draw:g>"
    right = box(p("upper right"), 'svg:x="4in" svg:y="2.1cm"')
    picture = '<draw:frame svg:y="9cm"><draw:image/><svg:desc>A red door</svg:desc></draw:frame>'
    extracted = read(
        "presentation",
        page(picture, group, right, shape) + page(box(p("secret")), more='draw:style-name="Off"'),
        styles,
    )
    assert extracted.text.split("\n\n") == ["upper", "upper right", "lower", "[Image: A red door]"]
    assert extracted.notes == ("1 hidden slide left out",)


@pytest.mark.parametrize(
    ("kind", "ending"), [("text", "fodt"), ("spreadsheet", "fods"), ("presentation", "fodp")]
)
def test_flat_files_are_read_as_packages_are(kind: str, ending: str) -> None:
    bodies = {
        "text": p("Words"),
        "spreadsheet": table(row("Words", "9")),
        "presentation": page(box(p("Words"))),
    }
    picture = f"<office:binary-data>{'QUFB' * 3_000_000}</office:binary-data>"
    flat = (
        f'<?xml version="1.0"?><office:document {DECLARED}><office:meta><dc:title>Flat rules</dc:title></office:meta>'
        f"<office:scripts>{picture}</office:scripts>"
        f"<office:body><office:{kind}>{bodies[kind]}</office:{kind}></office:body></office:document>"
    )
    extracted = checked(flat.encode(), f"a.{ending}")
    assert "Words" in extracted.text
    assert extracted.title == "Flat rules"
    assert extracted.media_type.endswith(kind)


def refused(data: bytes) -> str:
    with pytest.raises(DocumentFailed) as failure:
        extract(data, "a.odt")
    return failure.value.code


def test_encrypted_damaged_and_foreign_files_are_refused() -> None:
    manifest = (
        f'<manifest:manifest {DECLARED}><manifest:file-entry manifest:full-path="content.xml">'
        "<manifest:encryption-data/></manifest:file-entry></manifest:manifest>"
    )
    whole = package("text", p("Words"))
    assert refused(package("text", "", parts={"META-INF/manifest.xml": manifest})) == "encrypted"
    assert refused(whole[: len(whole) // 2]) == "damaged"
    assert refused(whole.replace(b"content.xml", b"other12.xml")) == "damaged"
    assert refused(package("text", "<text:p>")) == "damaged"
    assert refused(package("drawing", page(box(p("x"))))) == "unsupported"
    assert refused(f"<office:document {DECLARED}><office:body>".encode()) == "damaged"
    assert refused(b"<html/>") == "unsupported"


def test_ids_that_stand_twice_or_are_no_names_break_nothing() -> None:
    body = (
        items(p("one"), more='xml:id="1"')
        + items(p("two"), more='xml:id="a"')
        + items(p("six"), more='xml:id="a"')
    )
    assert text(body) == "- one\n- two\n- six"
    assert refused(package("text", f'{body}<text:p xml:id="2">')) == "damaged"


def test_entities_of_a_file_are_not_followed() -> None:
    hostile = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd"><!ENTITY b "lol">]>'
    flat = (
        f"{hostile}<office:document {DECLARED}><office:body><office:text>{p('A &a;&b; Z')}</office:text>"
        "</office:body></office:document>"
    )
    assert checked(flat.encode(), "a.fodt").text == "A Z"


def test_an_empty_file_says_so_and_deep_nesting_ends() -> None:
    assert read("text", p("")).reason == "the document holds no text"
    deep = "<text:list><text:list-item>" * 90 + p("deep") + "</text:list-item></text:list>" * 90
    assert text(p("top") + deep).startswith("top")
    spans = "<text:span>" * 200 + "x" + "</text:span>" * 200
    assert text(p("top" + spans)).startswith("top")


def test_time_is_linear_in_the_length_of_a_text() -> None:
    def seconds(times: int) -> float:
        body = (h("Part") + p("Words of a paragraph.") + items(p("one"), p("two"))) * times
        data = package("text", body)
        begun = time.process_time()
        extract(data, "a.odt")
        return time.process_time() - begun

    seconds(100)
    assert seconds(4000) < 12 * max(seconds(1000), 0.05)
