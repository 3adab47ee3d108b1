"""PDF: pages, paragraphs, furniture, outline, and files that are locked, broken or pictures."""

import io
from collections.abc import Callable

import pytest

from ingest.extract import extract
from ingest.extract.pdf.lines import page_lines, paragraphs, without_furniture, words_of
from ragchat.errors import DocumentFailed

PdfMaker = Callable[..., bytes]
PROSE = [
    "The warranty covers defects in material and workmanship for two years",
    "from the day of purchase, provided that the device was used as the man-",
    "ual says. It does not cover wear.",
]


def joined(lines: list[str]) -> str:
    return "".join(gap + text for gap, text in paragraphs(lines, words_of([lines]))).strip()


def test_pages_keep_their_boundaries(make_pdf: PdfMaker) -> None:
    extracted = extract(make_pdf([["First page."], [], ["Third page."]]), "a.pdf")
    assert extracted.text == "First page.\n\nThird page."
    assert len(extracted.pages) == 3
    assert extracted.text[extracted.pages[2] :] == "Third page."
    assert extracted.text[extracted.pages[1] : extracted.pages[2]].strip() == ""


def test_a_sentence_over_a_page_end_is_not_cut_into_paragraphs(make_pdf: PdfMaker) -> None:
    extracted = extract(make_pdf([["Refunds are paid back within"], ["fourteen days."]]), "a.pdf")
    assert extracted.text == "Refunds are paid back within\nfourteen days."


def test_wrapped_lines_become_paragraphs_and_hyphenated_words_whole(make_pdf: PdfMaker) -> None:
    extracted = extract(make_pdf([[*PROSE, "", "Second paragraph."]]), "a.pdf")
    assert extracted.text == (
        "The warranty covers defects in material and workmanship for two years from the day of purchase, "
        "provided that the device was used as the manual says. It does not cover wear.\n\nSecond paragraph."
    )


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        (
            ["A self-service portal is here for every customer with a self-", "service contract."],
            "a self-service contract.",
        ),
        (["We recommend the well-", "known way of doing it."], "the well-known way"),
        (["Please see the documen-", "tation for more."], "the documentation for"),
    ],
    ids=["as elsewhere in the document", "known first part", "plain hyphenation"],
)
def test_a_hyphen_at_a_line_end_stays_where_the_word_has_one(lines: list[str], text: str) -> None:
    assert text in joined(lines)


def test_table_rows_and_items_are_not_glued_together() -> None:
    rows = ["Plan Price Seats", "Basic 9 1", "Pro 19 5", "• first point of several", "• second point"]
    assert joined(rows).split() == " ".join(rows).split()
    assert [line for line in joined(rows).split("\n") if line] == rows


def test_lines_of_scripts_without_blanks_join_without_one() -> None:
    line = "この製品の保証期間は購入日から二年間であり修理は無料で行われますので"
    assert joined([line, "ご安心ください。"]) == line + "ご安心ください。"


def test_ligatures_are_spelled_out() -> None:
    assert page_lines("con\ufb01g o\ufb03ce") == ["config office"]


def test_running_headers_and_page_numbers_go_but_the_first_header_stays() -> None:
    rules = ["No smoking.", "Lock the door.", "Wear a badge.", "Greet guests.", "Tidy up."]
    pages = [
        [
            "ACME Handbook 2026",
            f"Chapter {len(rule)}",
            rule,
            rule + PROSE[0],
            rule + PROSE[1],
            rule.upper(),
            f"Page {number} of 5",
        ]
        for number, rule in enumerate(rules, 1)
    ]
    first, *others = without_furniture(pages)
    assert first == pages[0][:-1]
    assert others == [page[1:-1] for page in pages[1:]]


def test_pages_that_are_alike_are_not_furniture() -> None:
    pages = [["Invoice", "Total 5"], ["Invoice", "Total 5"], ["Invoice", "Total 5"]]
    assert without_furniture(pages) == pages


def test_outline_entries_found_on_their_page_become_headings(make_pdf: PdfMaker) -> None:
    data = make_pdf(
        [["1 Setup", "Text of the setup."], ["1.1 Network", "Text about cables."]],
        title="The manual",
        outline=[("Setup", 0, 0), ("Network", 1, 1)],
    )
    extracted = extract(data, "a.pdf")
    assert extracted.title == "The manual"
    assert [(h.level, h.title) for h in extracted.headings] == [(1, "Setup"), (2, "Network")]
    assert extracted.text[extracted.headings[1].offset :].startswith("1.1 Network")


def test_an_outline_that_names_what_is_not_there_is_ignored(make_pdf: PdfMaker) -> None:
    data = make_pdf([["Some words."]], outline=[("Foo", 0, 0), ("Bar", 0, 0)])
    assert extract(data, "a.pdf").headings == ()


@pytest.mark.parametrize(
    "title", ["untitled", "Microsoft Word - draft7.doc", "report_final.indd", "(anonymous)"]
)
def test_a_title_that_a_program_left_is_not_the_title(make_pdf: PdfMaker, title: str) -> None:
    assert extract(make_pdf([["x"]], title=title), "price-list.pdf").title == "Price list"


def test_a_locked_file_is_encrypted_and_an_owner_password_is_none(make_pdf: PdfMaker) -> None:
    with pytest.raises(DocumentFailed) as failure:
        extract(make_pdf([["secret"]], password="pw"), "a.pdf")
    assert failure.value.code == "encrypted"
    assert extract(make_pdf([["open"]], password="pw", owner_only=True), "a.pdf").text == "open"


def test_a_picture_without_text_asks_for_ocr() -> None:
    from PIL import Image
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen.canvas import Canvas

    target = io.BytesIO()
    canvas = Canvas(target)
    for _ in range(2):
        canvas.drawImage(ImageReader(Image.new("RGB", (20, 20), "red")), 50, 500)
        canvas.showPage()
    canvas.save()
    extracted = extract(target.getvalue(), "scan.pdf")
    assert extracted.text == ""
    assert extracted.reason.startswith("no text layer: 2 scanned pages; ")


def test_a_blank_file_says_so(make_pdf: PdfMaker) -> None:
    assert extract(make_pdf([[]]), "a.pdf").reason == "no text on 1 page"


def test_a_file_cut_in_the_middle_is_read_or_refused_by_name(make_pdf: PdfMaker) -> None:
    whole = make_pdf([[f"Line {n}" for n in range(40)]] * 3)
    outcomes = {ending(whole[:size]) for size in range(20, len(whole), len(whole) // 12)}
    assert outcomes <= {"text", "empty", "damaged", "binary"}


def ending(data: bytes) -> str:
    try:
        return "text" if extract(data, "a.pdf").text else "empty"
    except DocumentFailed as failure:
        return failure.code


def test_a_page_that_pypdf_cannot_read_does_not_lose_the_others(make_pdf: PdfMaker) -> None:
    from pypdf import PdfReader, PdfWriter
    from pypdf.generic import NameObject, NumberObject

    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(make_pdf([["first"], ["second"], ["third"]]))))
    writer.pages[1][NameObject("/Contents")] = NumberObject(7)
    target = io.BytesIO()
    writer.write(target)
    extracted = extract(target.getvalue(), "a.pdf")
    assert "first" in extracted.text
    assert "third" in extracted.text
    assert len(extracted.pages) == 3


def test_a_tree_that_names_one_page_a_hundred_thousand_times_is_too_large(make_pdf: PdfMaker) -> None:
    from pypdf import PdfReader, PdfWriter
    from pypdf.generic import ArrayObject, NameObject, NumberObject

    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(make_pdf([["The only page."]]))))
    tree = writer._pages.get_object()
    tree[NameObject("/Kids")] = ArrayObject([tree["/Kids"][0].indirect_reference] * 100_000)
    tree[NameObject("/Count")] = NumberObject(100_000)
    out = io.BytesIO()
    writer.write(out)
    with pytest.raises(DocumentFailed, match="has 100,000 pages") as failure:
        extract(out.getvalue(), "a.pdf")
    assert failure.value.code == "too_large"
