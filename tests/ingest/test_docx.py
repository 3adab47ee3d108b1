"""Word: what a reader sees on the pages, with the numbers that Word counts by itself, and nothing that is deleted."""

import io
import zipfile

import pytest

from ingest.extract import Extracted, extract
from ingest.extract.ooxml.counting import in_format
from ragchat.documents.blocks import check_blocks
from tests.support.outlines import outline

NAMES = {
    "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "w14": "http://schemas.microsoft.com/office/word/2010/wordml",
    "w15": "http://schemas.microsoft.com/office/word/2012/wordml",
    "wp": "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
    "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
    "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
    "c": "http://schemas.openxmlformats.org/drawingml/2006/chart",
    "dgm": "http://schemas.openxmlformats.org/drawingml/2006/diagram",
    "m": "http://schemas.openxmlformats.org/officeDocument/2006/math",
    "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
    "r": "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    "v": "urn:schemas-microsoft-com:vml",
}
DECLARED = " ".join(f'xmlns:{prefix}="{name}"' for prefix, name in NAMES.items())
TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"


def package(body: str, parts: dict[str, str] | None = None, links: dict[str, str] | None = None) -> bytes:
    """A Word file; `parts` by kind of relation ("styles", "header"), `links` by id: the addresses of hyperlinks."""
    target = io.BytesIO()
    entries = [f'<Relationship Id="main" Type="{NAMES["r"]}/officeDocument" Target="word/document.xml"/>']
    related = [
        f'<Relationship Id="{kind}" Type="{NAMES["r"]}/{kind.rstrip("0123456789")}" Target="{kind}.xml"/>'
        for kind in parts or {}
    ] + [
        f'<Relationship Id="{name}" Type="{NAMES["r"]}/hyperlink" Target="{address}" TargetMode="External"/>'
        for name, address in (links or {}).items()
    ]
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("[Content_Types].xml", f'<Types xmlns="{TYPES}"/>')
        archive.writestr(
            "_rels/.rels", f'<Relationships xmlns="{RELATIONS}">{"".join(entries)}</Relationships>'
        )
        archive.writestr("word/document.xml", f"<w:document {DECLARED}><w:body>{body}</w:body></w:document>")
        archive.writestr(
            "word/_rels/document.xml.rels",
            f'<Relationships xmlns="{RELATIONS}">{"".join(related)}</Relationships>',
        )
        for kind, content in (parts or {}).items():
            tag, _, _ = content[1:].partition(">")
            archive.writestr(f"word/{kind}.xml", content.replace(f"<{tag}>", f"<{tag} {DECLARED}>", 1))
    return target.getvalue()


def read(body: str, parts: dict[str, str] | None = None, links: dict[str, str] | None = None) -> Extracted:
    extracted = extract(package(body, parts, links), "a.docx")
    check_blocks(extracted.blocks, extracted.text)
    return extracted


def text(body: str, parts: dict[str, str] | None = None, links: dict[str, str] | None = None) -> str:
    return read(body, parts, links).text


def run(words: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{words}</w:t></w:r>'


def p(words: str = "", properties: str = "", more: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr>{run(words) if words else ''}{more}</w:p>"


def counted(number: int, level: int = 0) -> str:
    return f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>'


def level(place: int, kind: str, words: str, more: str = "") -> str:
    return f'<w:lvl w:ilvl="{place}">{more}<w:numFmt w:val="{kind}"/><w:lvlText w:val="{words}"/></w:lvl>'


def numbering(*definitions: str, more: str = "") -> dict[str, str]:
    """Definitions of levels, each with a list of the same number, counted from 1."""
    abstract = "".join(
        f'<w:abstractNum w:abstractNumId="{n}">{levels}</w:abstractNum>'
        for n, levels in enumerate(definitions, 1)
    )
    lists = "".join(
        f'<w:num w:numId="{n}"><w:abstractNumId w:val="{n}"/></w:num>' for n in range(1, len(definitions) + 1)
    )
    return {"numbering": f"<w:numbering>{abstract}{lists}{more}</w:numbering>"}


CLAUSES = level(0, "decimal", "%1.") + level(1, "decimal", "%1.%2") + level(2, "lowerLetter", "(%3)")


def test_clauses_have_the_numbers_that_word_counts() -> None:
    heading = '<w:outlineLvl w:val="0"/>'
    body = (
        p("Scope", heading + counted(1)) + p("All dryers.", counted(1, 1)) + p("Payment", heading + counted(1))
        + p("In 20 days.", counted(1, 1)) + p("Late: 4 percent.", counted(1, 1)) + p("but for offices", counted(1, 2))
        + p("and for schools", counted(1, 2)) + p("In euro.", counted(1, 1))
    )  # fmt: skip
    extracted = read(body, numbering(CLAUSES))
    assert [line for line in extracted.text.split("\n") if line] == [
        "# 1. Scope", "1.1 All dryers.", "# 2. Payment", "2.1 In 20 days.", "2.2 Late: 4 percent.",
        "    (a) but for offices", "    (b) and for schools", "2.3 In euro.",
    ]  # fmt: skip
    assert [heading.title for heading in extracted.headings] == ["1. Scope", "2. Payment"]
    assert [line.partition(" <- ")[0] for line in outline(extracted.blocks, extracted.text)[4:]] == [
        "list",
        "  step: 2.1 In 20 days.",
        "  step: 2.2 Late: 4 percent.",
        "    list",
        "      step: (a) but for offices",
        "      step: (b) and for schools",
        "  step: 2.3 In euro.",
    ]


@pytest.mark.parametrize(
    ("kind", "number", "label"),
    [
        ("decimal", 12, "12"), ("decimalZero", 3, "03"), ("upperLetter", 28, "BB"), ("lowerLetter", 3, "c"),
        ("upperRoman", 9, "IX"), ("lowerRoman", 14, "xiv"), ("ordinal", 22, "22nd"), ("ordinal", 13, "13th"),
        ("chicago", 2, "†"),
    ],
)  # fmt: skip
def test_numbers_are_written_as_the_list_asks(kind: str, number: int, label: str) -> None:
    assert in_format(number, kind) == label


def test_a_list_begins_where_it_says_and_lists_of_one_definition_count_on() -> None:
    start = '<w:start w:val="4"/>'
    restarted = (
        '<w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num><w:num w:numId="3"><w:abstractNumId w:val="1"/>'
        '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride></w:num>'
    )
    body = p("a", counted(1)) + p("b", counted(2)) + p("c", counted(3)) + p("d", counted(3))
    assert text(body, numbering(level(0, "upperLetter", "%1)", start), more=restarted)).split("\n") == [
        "D) a", "E) b", "A) c", "B) d",
    ]  # fmt: skip


def test_bullets_are_items_and_numbering_that_is_switched_off_is_none() -> None:
    body = p("Bring:") + p("a coat", counted(1)) + p("Thanks.", counted(0))
    assert text(body, numbering(level(0, "bullet", "\uf0b7"))) == "Bring:\n\n- a coat\n\nThanks."


STYLES = (
    '<w:styles><w:style w:type="paragraph" w:styleId="H"><w:name w:val="heading 1"/>'
    '<w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
    '<w:style w:type="paragraph" w:styleId="Gone"><w:name w:val="Gone"/><w:rPr><w:vanish/></w:rPr></w:style>'
    '<w:style w:type="character" w:styleId="Old"><w:name w:val="Old"/><w:rPr><w:strike/></w:rPr></w:style></w:styles>'
)


def test_a_heading_gets_its_number_from_its_style() -> None:
    duty = level(0, "decimal", "Article %1:", '<w:pStyle w:val="H"/>')
    style = '<w:pStyle w:val="H"/>'
    extracted = read(
        p("Purpose", style) + p("Quiet.") + p("Duties", style), {"styles": STYLES} | numbering(duty)
    )
    assert extracted.text == "# Article 1: Purpose\n\nQuiet.\n\n# Article 2: Duties"


def test_raised_lowered_and_struck_text_keeps_its_meaning() -> None:
    up, down = '<w:vertAlign w:val="superscript"/>', '<w:vertAlign w:val="subscript"/>'
    words = (
        run("10")
        + run("7", up)
        + run(" turns of CO")
        + run("2", down)
        + run(", 1")
        + run("st", up)
        + run(" x")
    )
    assert text(p(more=words)) == "10⁷ turns of CO2, 1st x"
    struck = run("€ 71", "<w:strike/>") + run(" € 79, ") + run("€ 9", '<w:rStyle w:val="Old"/>') + run(" € 8")
    assert text(p(more=struck), {"styles": STYLES}) == "~~€ 71~~ € 79, ~~€ 9~~ € 8"
    kept = run("€ 5", '<w:rStyle w:val="Old"/><w:strike w:val="0"/>')
    assert text(p(more=kept), {"styles": STYLES}) == "€ 5"


def test_hidden_text_is_left_out_also_by_style() -> None:
    assert (
        text(
            p("seen", more=run("not", "<w:vanish/>")) + p("gone", '<w:pStyle w:val="Gone"/>'),
            {"styles": STYLES},
        )
        == "seen"
    )


def test_formulas_are_written_on_a_line() -> None:
    def m(tag: str, *parts: str) -> str:
        return f"<m:{tag}>{''.join(parts)}</m:{tag}>"

    def t(words: str) -> str:
        return m("r", m("t", words))

    half = m("f", m("num", t("5")), m("den", t("8")))
    cube = m("sSup", m("e", t("r")), m("sup", t("3")))
    root = m("rad", m("deg"), m("e", t("2"), t("x")))
    total = m(
        "nary",
        '<m:naryPr><m:chr m:val="∑"/></m:naryPr>',
        m("sub", t("i=1")),
        m("sup", t("n")),
        m("e", t("i")),
    )
    body = (
        p("A share of ", more=m("oMath", half))
        + p("so 2", more=m("oMath", half))
        + p("V = ", more=m("oMath", cube, t("+"), root, t("+"), total))
    )
    assert text(body) == "A share of 5/8\n\nso 2 5/8\n\nV = r³+√2x+∑_(i=1)^(n) i"


def test_tracked_changes_are_read_as_accepted() -> None:
    gone = "<w:del><w:r><w:delText>six</w:delText></w:r></w:del>"
    new = f"<w:ins>{run('eight')}</w:ins>"
    moved = f"<w:moveFrom>{run('Clause nine.')}</w:moveFrom>"
    here = f"<w:moveTo>{run('Clause nine.')}</w:moveTo>"
    mark = "<w:rPr><w:del/></w:rPr>"
    body = p(more=moved) + p("Notice: ", more=gone + new) + p(more=here) + p("one ", mark) + p("sentence")
    assert text(body) == "Notice: eight\n\nClause nine.\n\none sentence"
    rows = f"<w:tr>{cell('Grade')}{cell('Bonus')}</w:tr><w:tr><w:trPr><w:del/></w:trPr>{cell('G7')}{cell('900')}</w:tr>"
    assert (
        text(f"<w:tbl>{rows}<w:tr>{cell('G8')}{cell('650')}</w:tr></w:tbl>")
        == "| Grade | Bonus |\n| --- | --- |\n| G8 | 650 |"
    )


def cell(words: str, properties: str = "", more: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{p(words, more=more)}</w:tc>"


def table(*rows: str, properties: str = "") -> str:
    return "<w:tbl>" + "".join(f"<w:tr>{properties}{row}</w:tr>" for row in rows) + "</w:tbl>"


def test_merged_cells_and_rows_that_begin_further_right_stay_in_their_columns() -> None:
    across, down, on = '<w:gridSpan w:val="2"/>', '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
    late = '<w:trPr><w:gridBefore w:val="2"/></w:trPr>'
    body = table(
        cell("Day") + cell("Early") + cell("Late"),
        cell("Monday", down) + cell("Ida") + cell("Bo"),
        cell("", on) + cell("Ann", across),
    ).replace("</w:tbl>", f"<w:tr>{late}{cell('Uwe')}</w:tr></w:tbl>")
    assert text(body).split("\n") == [
        "| Day | Early | Late |", "| --- | --- | --- |", "| Monday | Ida | Bo |", "| Monday | Ann | Ann |",
        "|  |  | Uwe |",
    ]  # fmt: skip


def test_two_header_rows_become_one_and_forms_become_pairs() -> None:
    across, down, on = '<w:gridSpan w:val="2"/>', '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
    assert text(
        table(
            cell("Line", down) + cell("2026", across),
            cell("", on) + cell("Plan") + cell("Actual"),
            cell("Dryers") + cell("9") + cell("8"),
        )
    ).split("\n") == ["| Line | 2026 / Plan | 2026 / Actual |", "| --- | --- | --- |", "| Dryers | 9 | 8 |"]
    form = read(table(cell("Name:") + cell("Ida"), cell("Room:") + cell("B14")))
    assert outline(form.blocks, form.text) == ["list", "  pair: Name: Ida", "  pair: Room: B14"]


def test_a_table_of_one_column_only_places_text() -> None:
    assert text(table(cell("Be careful."), cell("Really."))) == "Be careful.\n\nReally."


def test_check_boxes_of_every_kind_show_their_state() -> None:
    def control(on: int) -> str:
        state = f'<w:sdtPr><w14:checkbox><w14:checked w14:val="{on}"/></w14:checkbox></w:sdtPr>'
        return f"<w:sdt>{state}<w:sdtContent>{run('?')}</w:sdtContent></w:sdt>"

    def old(on: int) -> str:
        field = f'<w:ffData><w:checkBox><w:default w:val="{on}"/></w:checkBox></w:ffData>'
        return (
            f'<w:r><w:fldChar w:fldCharType="begin">{field}</w:fldChar></w:r>'
            "<w:r><w:instrText> FORMCHECKBOX </w:instrText></w:r>"
            '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
        )

    def symbol(code: str) -> str:
        return f'<w:r><w:sym w:font="Wingdings" w:char="{code}"/></w:r>'

    boxes = [control(1), control(0), old(1), old(0), symbol("F0FE"), symbol("F0A8")]
    body = "".join(p(more=box + run(" done")) for box in boxes)
    assert text(body).split("\n\n") == ["☒ done", "☐ done", "☒ done", "☐ done", "☑ done", "☐ done"]


def test_prompts_of_empty_fields_are_no_words() -> None:
    prompt = f"<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>{run('Click here')}</w:sdtContent></w:sdt>"
    filled = f"<w:sdt><w:sdtPr/><w:sdtContent>{run('Halden')}</w:sdtContent></w:sdt>"
    assert text(p("Manager: ", more=prompt) + p("Site: ", more=filled)) == "Manager:\n\nSite: Halden"


def field(instruction: str, result: str) -> str:
    return (
        f'<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>{instruction}</w:instrText></w:r>'
        f'<w:r><w:fldChar w:fldCharType="separate"/></w:r>{run(result)}<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )


def test_links_keep_their_addresses() -> None:
    linked = f'<w:hyperlink r:id="x">{run("the form")}</w:hyperlink>'
    old = field(' HYPERLINK "https://b.example" ', "the list")
    assert text(p("See ", more=linked + run(" and ") + old), links={"x": "https://a.example"}) == (
        "See [the form](https://a.example) and [the list](https://b.example)"
    )


def test_headers_and_footers_stand_once_without_page_numbers() -> None:
    header = f"<w:hdr>{p('HR-114, version 3.2')}</w:hdr>"
    footer = f"<w:ftr>{p('Owner: desk')}{p('Page ', more=field(' PAGE ', '3'))}</w:ftr>"
    section = "".join(
        f'<w:{kind}Reference w:type="{shown}" r:id="{part}"/>'
        for kind, shown, part in (
            ("header", "default", "header"),
            ("footer", "default", "footer"),
            ("header", "first", "header2"),
        )
    )
    first = f"<w:hdr>{p('not shown')}</w:hdr>"
    body = p("Doors close at eight.") + f"<w:sectPr>{section}</w:sectPr>" * 2
    parts = {"header": header, "footer": footer, "header2": first}
    assert text(body, parts) == "HR-114, version 3.2\n\nOwner: desk\n\nDoors close at eight."


def test_notes_stand_behind_their_paragraph_numbered_as_they_come() -> None:
    def note(name: int, words: str, kind: str = "footnote") -> str:
        return f'<w:{kind} w:id="{name}">{p(words)}</w:{kind}>'

    def mark(name: int, kind: str = "footnote") -> str:
        return f'<w:r><w:{kind}Reference w:id="{name}"/></w:r>'

    parts = {
        "footnotes": f"<w:footnotes>{note(7, 'but not abroad')}{note(3, 'in euro')}</w:footnotes>",
        "endnotes": f"<w:endnotes>{note(2, 'see the law', 'endnote')}</w:endnotes>",
    }
    extracted = read(
        p("We pay 120", more=mark(7) + run(" or 90") + mark(3))
        + p("Law", more=mark(2, "endnote"))
        + p("End."),
        parts,
    )
    assert extracted.text == (
        "We pay 120[^1] or 90[^2]\n[^1]: but not abroad\n[^2]: in euro\n\nLaw[^i]\n[^i]: see the law\n\nEnd."
    )
    assert [block.kind for block in extracted.blocks] == [
        "paragraph", "footnote", "footnote", "paragraph", "footnote", "paragraph",
    ]  # fmt: skip


def test_open_comments_stand_behind_the_paragraph_and_resolved_ones_are_over() -> None:
    comments = (
        f'<w:comments><w:comment w:id="0" w:author="Ann"><w:p w14:paraId="A1">{run("Raised to 700.")}</w:p></w:comment>'
        f'<w:comment w:id="1" w:author="Bo"><w:p w14:paraId="A2">{run("Typo.")}</w:p></w:comment></w:comments>'
    )
    states = "".join(f'<w15:commentEx w15:paraId="A{n}" w15:done="{done}"/>' for n, done in ((1, 0), (2, 1)))
    over = f"<w15:commentsEx>{states}</w15:commentsEx>"
    marks = '<w:r><w:commentReference w:id="0"/></w:r><w:r><w:commentReference w:id="1"/></w:r>'
    parts = {"comments": comments, "commentsExtended": over}
    assert (
        text(p("The limit is 500.", more=marks), parts)
        == "The limit is 500.\n[Comment by Ann: Raised to 700.]"
    )


def box(words: str) -> str:
    content = f"<w:txbxContent>{p(words)}</w:txbxContent>"
    new = f'<w:drawing><wp:inline><wp:docPr id="3" name="Box"/><wps:txbx>{content}</wps:txbx></wp:inline></w:drawing>'
    old = f"<w:pict><v:shape><v:textbox>{content}</v:textbox></v:shape></w:pict>"
    choices = f'<mc:Choice Requires="wps">{new}</mc:Choice><mc:Fallback>{old}</mc:Fallback>'
    return f"<w:r><mc:AlternateContent>{choices}</mc:AlternateContent></w:r>"


def test_text_boxes_are_read_once_behind_their_paragraph_and_inside_of_cells() -> None:
    assert text(p("At 8 bar", more=box("Call first"))) == "At 8 bar\n\nCall first"
    content = f"<v:textbox><w:txbxContent>{p('Old box')}</w:txbxContent></v:textbox>"
    old = f"<w:r><w:pict><v:shape>{content}</v:shape></w:pict></w:r>"
    assert text(p("Next.", more=old)) == "Next.\n\nOld box"
    assert "| Open | see box Wear gloves |" in text(
        table(cell("Step") + cell("Hint"), cell("Open") + cell("see box", more=box("Wear gloves")))
    )


def test_descriptions_of_pictures_are_read() -> None:
    named = '<wp:docPr id="1" name="Picture 1" descr="the brown wire to clamp 1"/>'
    picture = f"<w:r><w:drawing><wp:inline>{named}</wp:inline></w:drawing></w:r>"
    assert text(p("Wire it:", more=picture)) == "Wire it:\n\n[Image: the brown wire to clamp 1]"


def test_smart_art_is_a_list_in_its_order() -> None:
    def point(name: str, words: str, kind: str = "node") -> str:
        said = f"<dgm:t><a:p><a:r><a:t>{words}</a:t></a:r></a:p></dgm:t>"
        return f'<dgm:pt modelId="{name}" type="{kind}">{said}</dgm:pt>'

    points = (
        point("0", "", "doc")
        + point("3", "Call back")
        + point("1", "Report")
        + point("2", "by phone")
        + point("9", "x", "pres")
    )
    links = "".join(
        f'<dgm:cxn srcId="{above}" destId="{below}" srcOrd="{order}"/>'
        for above, below, order in (("0", "1", 0), ("0", "3", 1), ("1", "2", 0))
    )
    model = f"<dgm:dataModel><dgm:ptLst>{points}</dgm:ptLst><dgm:cxnLst>{links}</dgm:cxnLst></dgm:dataModel>"
    drawing = '<w:r><w:drawing><dgm:relIds r:dm="diagramData"/></w:drawing></w:r>'
    assert text(p(more=drawing), {"diagramData": model}) == "- Report\n    - by phone\n- Call back"


def test_the_numbers_of_a_chart_are_a_table() -> None:
    def points(tag: str, cache: str, *values: str) -> str:
        held = "".join(f'<c:pt idx="{n}"><c:v>{value}</c:v></c:pt>' for n, value in enumerate(values))
        code = "<c:formatCode>0%</c:formatCode>" if cache == "numCache" else ""
        return f"<c:{tag}><c:{cache}>{code}{held}</c:{cache}></c:{tag}>"

    values = points("cat", "strCache", "April", "May") + points("val", "numCache", "0.25", "0.5")
    series = f"<c:ser>{points('tx', 'strCache', 'Share')}{values}</c:ser>"
    chart = f"<c:chartSpace><c:chart><c:title><a:t>Dryers</a:t></c:title>{series}</c:chart></c:chartSpace>"
    drawing = '<w:r><w:drawing><c:chart r:id="chart"/></w:drawing></w:r>'
    assert (
        text(p(more=drawing), {"chart": chart})
        == "Dryers\n\n|  | Share |\n| --- | --- |\n| April | 25% |\n| May | 50% |"
    )


def test_a_reference_to_a_part_that_is_not_there_costs_nothing_else() -> None:
    data = package(p("Still here."), links={})
    source, target = io.BytesIO(data), io.BytesIO()
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name.endswith("document.xml.rels"):
                content = content.replace(
                    b"</Relationships>",
                    f'<Relationship Id="z" Type="{NAMES["r"]}/image" Target="NULL"/></Relationships>'.encode(),
                )
            new.writestr(name, content)
    assert extract(target.getvalue(), "a.docx").text == "Still here."


def test_an_item_without_words_has_its_number_in_the_body_and_in_a_cell() -> None:
    body = p("Sweep", counted(1)) + p("", counted(1)) + p("Mop", counted(1))
    assert "3. Mop" in text(body, numbering(level(0, "decimal", "%1.")))
    rows = "".join(
        f"<w:tr><w:tc>{number}</w:tc><w:tc>{p(task)}</w:tc></w:tr>"
        for number, task in ((p("No"), "Task"), (p("", counted(1)), "Oil"), (p("", counted(1)), "Wipe"))
    )
    assert "| 2. | Wipe |" in text(f"<w:tbl>{rows}</w:tbl>", numbering(level(0, "decimal", "%1.")))


def test_a_list_of_contents_is_no_text_of_its_own() -> None:
    gallery = '<w:docPartObj><w:docPartGallery w:val="Table of Contents"/></w:docPartObj>'
    styles = '<w:style w:type="paragraph" w:styleId="Inhalt1"><w:name w:val="toc 1"/></w:style>'
    parts = {"styles": f"<w:styles>{styles}</w:styles>"}
    control = f"<w:sdt><w:sdtPr>{gallery}</w:sdtPr><w:sdtContent>{p('Mooring 4')}</w:sdtContent></w:sdt>"
    item = p("Mooring 4", '<w:pStyle w:val="Inhalt1"/>')
    assert text(control + item + p("Ropes are checked."), parts) == "Ropes are checked."


def test_a_link_keeps_the_place_on_its_page() -> None:
    body = f'<w:p><w:hyperlink r:id="l" w:anchor="fees">{run("the fees")}</w:hyperlink></w:p>'
    assert text(body, links={"l": "https://a.example/x"}) == "[the fees](https://a.example/x#fees)"


@pytest.mark.parametrize(
    ("instruction", "expected"),
    [(r"EQ \f(7,16)", "a key of 7/16 inch"), (r"EQ \r(,2)", "a key of √(2) inch"),
     (r"EQ \x\to(9)", "a key of  inch")],
)  # fmt: skip
def test_formulas_of_old_files_keep_their_fractions(instruction: str, expected: str) -> None:
    mark = '<w:r><w:fldChar w:fldCharType="{}"/></w:r>'
    told = f"<w:r><w:instrText>{instruction}</w:instrText></w:r>"
    body = f"<w:p>{run('a key of ')}{mark.format('begin')}{told}{mark.format('end')}{run(' inch')}</w:p>"
    assert text(body) == expected


def test_the_title_of_a_picture_describes_it_too() -> None:
    named = '<wp:docPr id="1" name="p" title="Plan of the lock" descr="gate two is left"/>'
    picture = f"<w:r><w:drawing>{named}</w:drawing></w:r>"
    assert text(f"<w:p>{picture}</w:p>") == "[Image: Plan of the lock: gate two is left]"
