"""How the elements of a page become blocks and lines: numbers, links, tables, lists, pairs, notes, forms."""

import pytest

from ingest.extract import Extracted, extract
from ragchat.documents.blocks import check_blocks
from tests.support.outlines import outline


def read(body: str) -> Extracted:
    extracted = extract(f"<!doctype html><html><body><main>{body}</main></body></html>".encode(), "page.html")
    check_blocks(extracted.blocks, extracted.text)
    return extracted


def built(body: str) -> list[str]:
    extracted = read(body)
    return outline(extracted.blocks, extracted.text)


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("10<sup>6</sup> turns", "10⁶ turns"),
        ("5 g/m<sup>3</sup> of CO<sub>2</sub>", "5 g/m³ of CO2"),
        ("1<sup>1</sup>/<sub>2</sub> turns", "1 1/2 turns"),
        ("use <sup>3</sup>&frasl;<sub>4</sub> of it", "use 3/4 of it"),
        ("a <span class=frac><sup>1</sup><sub>3</sub></span> cup", "a 1/3 cup"),
        ("a <span class=frac><b>1</b><i>3</i></span> cup", "a 1/3 cup"),
        ("m<span style='vertical-align: super'>2</span>", "m²"),
        ("the 1<sup>st</sup> day", "the 1st day"),
        ("<s>9 euro</s> 8 euro", "~~9 euro~~ 8 euro"),
        ("<del>9</del> <ins>8</ins>", "~~9~~ 8"),
        ("<span style='text-decoration:line-through'>9</span> 8", "~~9~~ 8"),
        ("<span class='line-through'>9</span> 8", "~~9~~ 8"),
        ("<math><mfrac><mn>3</mn><mn>4</mn></mfrac></math>", "3/4"),
        ("<math><msup><mi>x</mi><mn>2</mn></msup><mo>+</mo><msqrt><mi>y</mi></msqrt></math>", "x²+√(y)"),
        (
            "the <abbr title='lock out'>LO</abbr> and <abbr title='lock out'>LO</abbr>",
            "the LO (lock out) and LO",
        ),
        ("since <time datetime='2026-05-04T10:00'>last week</time>", "since last week (2026-05-04)"),
        ("on <time datetime='2026-05-04'>4 May</time>", "on 4 May"),
        ("press <button>Save</button> now", "press Save now"),
        ("level <meter value=.7>70 percent</meter>", "level 70 percent"),
        ("write to <a href='mailto:a@b.example'>us</a>", "write to [us](mailto:a@b.example)"),
        ("see <a href='https://x.example/a b'>this</a>", "see [this](https://x.example/ab)"),
        ("see <a href='/local'>this</a>, <a href='#x'>that</a>", "see this, that"),
        ("see <a href='forms/r.pdf'>this</a>", "see [this](forms/r.pdf)"),
        ("<ruby>漢<rp>(</rp><rt>kan</rt><rp>)</rp></ruby>", "漢(kan)"),
    ],
)
def test_inside_a_line(markup: str, text: str) -> None:
    assert read(f"<p>{markup}</p>").text == text


def test_links_in_the_long_paragraphs_of_an_article_are_their_text() -> None:
    others = "".join(f"<p><a href='https://x.example/{n}'>Other {n}</a></p>" for n in range(6))
    words = "This is a long paragraph of an article that speaks about many things at some length. " * 4
    last = (
        f"<p>{words}<a href='https://x.example/'>That</a> and <a href='https://x.example/a.pdf'>form</a>.</p>"
    )
    assert read(others + last).text.endswith("That and [form](https://x.example/a.pdf).")
    assert read(last).text.endswith("[That](https://x.example/) and [form](https://x.example/a.pdf).")


def test_marks_of_notes_are_no_exponents() -> None:
    lines = built(
        "<p>It costs 99<sup>1</sup>, by express 149<sup><a href=#n2>2</a></sup>, lasts 10<sup>2</sup> days.</p>"
        "<p><sup>1</sup> plus travel</p><p id=n2><sup>2</sup> within 4 hours</p>"
    )
    assert lines == [
        "paragraph: It costs 99[^1], by express 149[^2], lasts 10² days.",
        "footnote: [^1]: plus travel",
        "footnote: [^2]: within 4 hours",
    ]


def test_notes_in_asides_and_lists_keep_their_marks_and_lose_their_ways_back() -> None:
    lines = built(
        "<p>Yearly<a epub:type=noteref href=#a>1</a> or monthly<a href=#b role=doc-noteref>2</a>.</p>"
        "<aside epub:type=footnote id=a><p>In hall 3.</p></aside>"
        "<ol><li id=b role=doc-endnote>In May. <a href=#r role=doc-backlink>↩</a></li></ol>"
    )
    assert lines[0] == "paragraph: Yearly[^1] or monthly[^2]."
    assert "footnote: [^1]: In hall 3." in lines
    assert any(line.strip() == "footnote: [^2]: In May." for line in lines)


def test_header_rows_below_each_other_are_one_header() -> None:
    text = read(
        "<table><caption>Fees</caption><thead><tr><th rowspan=2>Zone<th colspan=2>Home</tr><tr><th>Box<th>Pallet</tr>"
        "</thead>"
        "<tr><td>A<td>4<td>41<tr><td>B<td>5<td>42</table>"
    ).text
    assert (
        text
        == "Fees\n\n| Zone | Home / Box | Home / Pallet |\n| --- | --- | --- |\n| A | 4 | 41 |\n| B | 5 | 42 |"
    )


def test_a_row_across_all_columns_is_said_once() -> None:
    text = read("<table><tr><th>A<th>B<th>C<tr><th colspan=3>Group<tr><td>1<td>2<td>3</table>").text
    assert text.splitlines()[2] == "| Group |  |  |"


@pytest.mark.parametrize(
    "rows",
    [
        "<tr><th>Load</th><td>8 kg</td></tr><tr><th>Fuse</th><td>16 A</td></tr>",
        "<tr><td>Load:</td><td>8 kg</td></tr><tr><td>Fuse:</td><td>16 A</td></tr>",
        "<tr><td>Load</td><td>8 kg</td></tr><tr><td>Fuse</td><td>16 A</td></tr>",
    ],
)
def test_names_with_their_values_are_pairs(rows: str) -> None:
    assert built(f"<table>{rows}</table>") == ["list", "  pair: Load: 8 kg", "  pair: Fuse: 16 A"]


def test_a_table_of_data_without_marked_header_keeps_its_first_row_as_header() -> None:
    assert built("<table><tr><td>Plan<td>Price<tr><td>Pro<td>20</table>") == [
        "table",
        "  header: | Plan | Price |",
        "  row: | Pro | 20 | <- | Plan | Price |",
    ]


def test_lists_and_tables_in_a_cell_stay_in_it() -> None:
    text = read(
        "<table><tr><th>Role<th>Does<tr><td>Lead<td><ul><li>opens<li>counts</ul>"
        "<tr><td>North<td><table><tr><td>Mon<td>6-20<tr><td>Sun<td>8-12</table><tr><td>South<td>drives<br>logs</table>"
    ).text
    assert text.splitlines()[2:] == [
        "| Lead | opens; counts |",
        "| North | Mon 6-20; Sun 8-12 |",
        "| South | drives logs |",
    ]


def test_items_bear_the_labels_that_a_browser_shows() -> None:
    text = read(
        "<ol type=a><li>one<li>two</ol><ol start=7><li>seven</ol><ol><li value=12>twelve</ol>"
        "<ol reversed><li>last<li>first</ol><ol style='list-style-type:upper-roman'><li>x<li>y</ol>"
    ).text
    assert [line for line in text.splitlines() if line] == [
        "a. one", "b. two", "7. seven", "12. twelve", "2. last", "1. first", "I. x", "II. y",
    ]  # fmt: skip


def test_steps_are_told_from_items_and_lists_hang_on_their_lead_in() -> None:
    assert built("<p>Do this:</p><ol><li>open<ul><li>lid</ul><li>close</ol>") == [
        "paragraph: Do this:",
        "list <- Do this:",
        "  step: 1. open",
        "    list <- 1. open",
        "      item: - lid",
        "  step: 2. close",
    ]


def test_terms_with_their_meanings_are_pairs_and_questions_are_answered() -> None:
    assert built("<dl><dt>Sump<dd>Low part.<dt>Purge<dt>Blow-out<dd>By air.<dd>Dry.</dl>") == [
        "list",
        "  pair: Sump: Low part.",
        "  pair: Purge, Blow-out: By air.; Dry.",
    ]
    assert built("<dl><dt>Is it on?<dd>Yes.</dl>") == ["question: Is it on?", "answer: Yes. <- Is it on?"]


def test_a_question_in_bold_opens_its_answer() -> None:
    assert built("<p><strong>Is it on?</strong></p><p>Yes.</p>") == [
        "question: **Is it on?**",
        "answer: Yes. <- **Is it on?**",
    ]


def test_a_note_is_a_quotation() -> None:
    assert built("<div class='admonition warning'><p>Warning</p><p>Hot.</p></div>") == [
        "quotation",
        "  paragraph: Warning",
        "  paragraph: Hot.",
    ]


def test_pictures_say_what_they_show() -> None:
    text = read(
        "<figure><img alt='The valve is under the sink'><figcaption>Plan of series D</figcaption></figure>"
        "<figure><img alt='Plan B'><figcaption>Plan B of the house</figcaption></figure>"
        "<p>Step <img alt=two> follows.</p>"
        "<p><img alt='photo.jpg'><img alt=''></p>"
    ).text
    assert (
        text
        == "[Image: The valve is under the sink]\n\nPlan of series D\n\nPlan B of the house\n\nStep two follows."
    )


def test_a_saved_form_says_what_was_filled_in() -> None:
    text = read(
        "<form><label>Name <input value='Ida'></label><label for=z>Zone</label>"
        "<select id=z><option>A<option selected>C</select>"
        "<label><input type=checkbox checked> Express</label><label><input type=checkbox> Pick-up</label>"
        "<textarea>Ring twice.</textarea><input type=hidden value=SECRET><input type=submit value=Send></form>"
    ).text
    assert text.split("\n\n") == ["Name: Ida", "Zone: C", "[x] Express", "[ ] Pick-up", "Ring twice."]


def test_tasks_are_done_or_open() -> None:
    text = read(
        "<ul><li><input type=checkbox checked disabled> Order<li><input type=checkbox> Book</ul>"
    ).text
    assert text == "- [x] Order\n- [ ] Book"
