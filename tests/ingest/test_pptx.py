"""PowerPoint: what a slide shows in reading order, with the numbers that it counts by itself, and no hidden slide."""

import io
from collections.abc import Callable
from typing import Any

from lxml import etree
from pptx import Presentation
from pptx.util import Inches

from ingest.extract import Extracted, extract
from ragchat.documents.blocks import check_blocks
from tests.support.outlines import outline

A = "http://schemas.openxmlformats.org/drawingml/2006/main"


def read(fill: Callable[[Any], None]) -> Extracted:
    show = Presentation()
    fill(show)
    target = io.BytesIO()
    show.save(target)
    extracted = extract(target.getvalue(), "a.pptx")
    check_blocks(extracted.blocks, extracted.text)
    return extracted


def boxed(slide: Any, text: str, left: int = 1, top: int = 2) -> Any:
    box = slide.shapes.add_textbox(Inches(left), Inches(top), Inches(3), Inches(1))
    box.text_frame.text = text
    return box


def blank(show: Any) -> Any:
    return show.slides.add_slide(show.slide_layouts[6])


def mark(paragraph: Any, bullet: str) -> None:
    """Give a paragraph a bullet or a number: the XML of `a:buAutoNum` and its siblings."""
    paragraph._p.get_or_add_pPr().append(etree.fromstring(f'<a:{bullet} xmlns:a="{A}"/>'))


def test_steps_have_the_numbers_that_the_slide_counts() -> None:
    def fill(show: Any) -> None:
        slide = show.slides.add_slide(show.slide_layouts[1])
        slide.shapes.title.text = "Start"
        frame = slide.placeholders[1].text_frame
        frame.text = "Close the lid\nOpen the valve\nturn left\nWait"
        for number, paragraph in enumerate(frame.paragraphs):
            paragraph.level = 1 if number == 2 else 0
            mark(
                paragraph,
                'buAutoNum type="alphaLcParenR"' if number == 2 else 'buAutoNum type="arabicPeriod"',
            )

    extracted = read(fill)
    assert extracted.text == "# Start\n\n1. Close the lid\n2. Open the valve\n    a) turn left\n3. Wait"
    assert [line.partition(" <-")[0] for line in outline(extracted.blocks, extracted.text)][1:] == [
        "list", "  step: 1. Close the lid", "  step: 2. Open the valve", "    list", "      step: a) turn left",
        "  step: 3. Wait",
    ]  # fmt: skip


def test_paragraphs_without_bullets_are_paragraphs() -> None:
    assert read(lambda show: boxed(blank(show), "Halden works\nHall 3")).text == "Halden works\nHall 3"


def test_raised_and_struck_runs_and_links_keep_their_meaning() -> None:
    def fill(show: Any) -> None:
        paragraph = boxed(blank(show), "").text_frame.paragraphs[0]
        for text, name, value in (
            ("10", "", ""),
            ("9", "baseline", "30000"),
            (" pulses, ", "", ""),
            ("€ 34", "strike", "sngStrike"),
            (" € 31, ", "", ""),
        ):
            run = paragraph.add_run()
            run.text = text
            if name:
                run._r.get_or_add_rPr().set(name, value)
        linked = paragraph.add_run()
        linked.text = "form"
        linked.hyperlink.address = "https://example.org/form"

    assert read(fill).text == "10⁹ pulses, ~~€ 34~~ € 31, [form](https://example.org/form)"


def test_shapes_come_from_top_to_bottom_and_left_to_right_groups_together() -> None:
    def fill(show: Any) -> None:
        slide = blank(show)
        boxed(slide, "third", 1, 5)
        boxed(slide, "second", 5, 1)
        group = slide.shapes.add_group_shape([boxed(slide, "b", 2, 3), boxed(slide, "a", 1, 3)])
        group.top, group.left = Inches(3), Inches(1)
        boxed(slide, "first", 1, 1)

    assert read(fill).text.split("\n\n") == ["first", "second", "a", "b", "third"]


def test_hidden_slides_shapes_and_page_numbers_are_left_out_and_footers_stand_once() -> None:
    def fill(show: Any) -> None:
        for number in range(3):
            slide = blank(show)
            boxed(slide, f"Slide {number}")
            gone = boxed(slide, "hidden shape")
            gone._element.nvSpPr.cNvPr.set("hidden", "1")
            for kind, words in (("ftr", "Halden, internal"), ("sldNum", str(number))):
                box = boxed(slide, words, 1, 7)
                place = etree.SubElement(
                    box._element.nvSpPr.nvPr, "{http://schemas.openxmlformats.org/presentationml/2006/main}ph"
                )
                place.set("type", kind)
        show.slides[1]._element.set("show", "0")

    extracted = read(fill)
    assert extracted.text == "Slide 0\n\nHalden, internal\n\nSlide 2"
    assert len(extracted.pages) == 3
    assert extracted.notes == ("1 hidden slide left out",)


def test_pictures_are_described() -> None:
    def fill(show: Any) -> None:
        box = boxed(blank(show), "See the plan")
        box._element.nvSpPr.cNvPr.set("descr", "the exit is behind oven 2")

    assert read(fill).text == "[Image: the exit is behind oven 2]\n\nSee the plan"


def test_a_table_has_its_names_above_and_merged_cells_everywhere() -> None:
    def fill(show: Any) -> None:
        table = blank(show).shapes.add_table(3, 3, 0, 0, Inches(6), Inches(2)).table
        for cell, text in zip(
            table.iter_cells(), ("Site", "Hours", "Days", "North", "8", "", "", "9", "5"), strict=True
        ):
            cell.text = text
        table.cell(1, 0).merge(table.cell(2, 0))
        table.cell(1, 1).merge(table.cell(1, 2))

    assert read(fill).text.split("\n") == [
        "| Site | Hours | Days |", "| --- | --- | --- |", "| North | 8 | 8 |", "| North | 9 | 5 |",
    ]  # fmt: skip
