"""Plain text, Markdown, reStructuredText and CSV become canonical text; characters are cleaned once, here."""

import csv
import io
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ingest.extract import Extracted, extract
from ingest.extract.clean import MOST_BLANKS, clean, humanised, one_line
from ragchat.documents import heading_path
from ragchat.errors import DocumentFailed


def lines_of(extracted: Extracted) -> list[str]:
    return extracted.text.split("\n")


@given(st.text(st.characters(codec=None), max_size=200))
@example("0\r ")  # a blank behind the last line end
def test_clean_text_is_stable_storable_and_free_of_junk(text: str) -> None:
    cleaned = clean(text)
    cleaned.encode("utf-8")
    assert clean(cleaned) == cleaned
    assert unicodedata.is_normalized("NFC", cleaned)
    assert "\n\n\n" not in cleaned
    assert not any(unicodedata.category(c) == "Cc" and c not in "\n\t" for c in cleaned)


def test_a_megabyte_of_blanks_is_one_gap() -> None:
    assert len(clean("a" + " \t" * 500_000 + "b")) == MOST_BLANKS + 2
    assert clean("a" + " " * 1_000_000 + "\n\n" + "\t\n" * 500_000 + "b") == "a\n\nb"


def test_directional_overrides_cannot_disguise_a_quote() -> None:
    assert clean("pay \u202e001\u202c now") == "pay 001 now"


def test_joiners_that_spell_words_stay() -> None:
    persian, family = "می\u200cخواهم", "👩\u200d👧"
    assert clean(f"{persian} {family}") == f"{persian} {family}"


def test_soft_hyphens_and_zero_width_spaces_go() -> None:
    assert clean("in\u00adfor\u200bma\ufefftion\u00a0here") == "information here"


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("docs/how-we_work.md", "How we work"),
        ("README", "README"),
        (".md", ".md"),
        ("a.b.txt", "A.b"),
        ("", "Untitled"),
    ],
)
def test_a_file_name_becomes_a_title(name: str, title: str) -> None:
    assert humanised(name) == title


def test_one_line_folds_every_kind_of_blank() -> None:
    assert one_line(" a\u2028b\t\nc\u00a0") == "a b c"


@pytest.mark.parametrize(
    "data",
    [
        "Grüße aus Köln".encode("utf-8-sig"),
        "Grüße aus Köln".encode("utf-16"),
        "Grüße aus Köln".encode("utf-16-le"),
        "Grüße aus Köln".encode("utf-16-be"),
        b"\xff\xfe\0\0" + "Grüße aus Köln".encode("utf-32-le"),
        "Grüße aus Köln".encode("cp1252"),
    ],
    ids=["utf-8 bom", "utf-16 bom", "utf-16-le", "utf-16-be", "utf-32", "cp1252"],
)
def test_plain_text_is_decoded_whatever_wrote_it(data: bytes) -> None:
    assert extract(data, "note.txt").text == "Grüße aus Köln"


def test_a_few_broken_bytes_do_not_turn_utf8_into_mojibake() -> None:
    data = ("Straße der Übung, größer als gedacht. " * 20).encode() + b"\xff"
    assert extract(data, "a.txt").text.startswith("Straße der Übung")


def test_russian_and_japanese_are_detected() -> None:
    russian = "Мы предлагаем следующие услуги: аренда и продажа недвижимости в Москве." * 3
    japanese = "この製品は保証期間が二年間です。修理はサポートへご連絡ください。" * 3
    assert extract(russian.encode("koi8-r"), "a.txt").text == russian
    assert extract(japanese.encode("shift_jis"), "b.txt").text == japanese


@pytest.mark.parametrize("data", [b"", b"  \n\t ", b"\xef\xbb\xbf", b"\0\0\0"])
def test_an_empty_file_has_no_text_and_a_reason(data: bytes) -> None:
    extracted = extract(data, "a.txt")
    assert (extracted.text, extracted.reason) == ("", "the file is empty")


def test_source_code_keeps_its_file_name_as_title() -> None:
    assert extract(b"print(1)\n", "src/tool_box.py").title == "tool_box.py"


def test_bytes_decide_where_the_name_lies(make_pdf) -> None:  # type: ignore[no-untyped-def]
    pdf = extract(make_pdf([["Hello from a PDF"]]), "notes.txt")
    assert (pdf.media_type, pdf.text) == ("application/pdf", "Hello from a PDF")
    page = extract(b"<!doctype html><p>Hi <b>there</b></p>", "page")
    assert (page.media_type, page.text) == ("text/html", "Hi there")


@pytest.mark.parametrize(
    ("data", "name", "code"),
    [
        (b"\x00\x01\x02" * 300, "a.txt", "binary"),
        (b"\x00\x01\x02" * 300, "a.pdf", "damaged"),
        (b"just words", "a.docx", "damaged"),
        (b"7z\xbc\xaf\x27\x1c" + b"\0" * 50, "scan", "unsupported"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "a.doc", "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "a.bin", "unsupported"),
        (b"x" * 2000, "a.md", "too_large"),
    ],
)
def test_what_cannot_be_read_is_refused_by_code(data: bytes, name: str, code: str) -> None:
    with pytest.raises(DocumentFailed) as failure:
        extract(data, name, max_bytes=1500)
    assert failure.value.code == code
    assert failure.value.message


MARKDOWN = b"""---
title: "Paid time off"
author: People team
tags: [leave, holiday]
draft: false
days: 28
nested:
  key: value
---
# Leave <!-- internal -->

<!-- a
comment -->
How **much** leave.

Carry over
----------
```sh
# not a heading <!-- kept -->
```
### Deep [link](https://x.example) `code` {#anchor}
"""


def test_markdown_keeps_its_source_and_its_facts_but_no_comments() -> None:
    extracted = extract(MARKDOWN, "pto.md")
    fields = "Author: People team\nTags: leave, holiday\nDays: 28\nNested key: value\n\n"
    assert extracted.text.startswith(f"{fields}# Leave\n\nHow **much** leave.\n\nCarry over\n")
    assert "# not a heading <!-- kept -->" in extracted.text
    assert "internal" not in extracted.text
    assert "comment" not in extracted.text
    assert extracted.title == "Paid time off"
    assert extracted.metadata == {
        "author": "People team", "tags": "leave, holiday", "draft": False, "days": 28, "nested.key": "value",
    }  # fmt: skip


def test_markdown_headings_point_at_their_lines() -> None:
    extracted = extract(MARKDOWN, "pto.md")
    assert [(h.level, h.title) for h in extracted.headings] == [
        (1, "Leave"),
        (2, "Carry over"),
        (3, "Deep link code"),
    ]
    for heading in extracted.headings:
        line = extracted.text[heading.offset :].split("\n")[0]
        assert heading.title.split()[0] in line
        assert heading.offset == 0 or extracted.text[heading.offset - 1] == "\n"
    assert heading_path(extracted.headings, len(extracted.text)) == ("Leave", "Carry over", "Deep link code")


@pytest.mark.parametrize(
    ("source", "title"),
    [
        ("# From heading\n", "From heading"),
        ("text only", "My notes"),
        ("<h1 align=center>From HTML</h1>\n", "From HTML"),
    ],
)
def test_a_markdown_title_falls_back_to_heading_then_name(source: str, title: str) -> None:
    assert extract(source.encode(), "my-notes.md").title == title


def test_a_rule_at_the_top_of_markdown_is_no_front_matter() -> None:
    assert extract(b"---\n\nText after a rule.\n", "a.md").text == "---\n\nText after a rule."


def test_comments_inside_code_spans_and_unclosed_comments_stay() -> None:
    source = "Use `<!-- x -->` or\n~~~\n<!-- y -->\n~~~\nthen <!-- gone --> and <!-- open"
    assert (
        extract(source.encode(), "a.md").text
        == "Use `<!-- x -->` or\n~~~\n<!-- y -->\n~~~\nthen  and <!-- open"
    )


RST = b""":author: Docs team

==========
User guide
==========

.. _install:

Install
=======

Use :ref:`the guide <guide>` or `the site <https://x.example>`_ with ``pip``.

.. note:: Python 3.11 is needed.

.. code-block:: python
   :linenos:

   import x

   x.run()

.. toctree::
   :maxdepth: 2

   other

.. a comment
   over two lines

Options
-------

Run it::

    x --help

Done.
"""


def test_restructured_text_becomes_headings_prose_and_code() -> None:
    extracted = extract(RST, "guide.rst")
    assert extracted.title == "User guide"
    assert [(h.level, h.title) for h in extracted.headings] == [
        (1, "User guide"),
        (2, "Install"),
        (3, "Options"),
    ]
    assert extracted.text == (
        "Author: Docs team\n\n# User guide\n\n## Install\n\n"
        "Use the guide or [the site](https://x.example) with `pip`.\n\nNote: Python 3.11 is needed.\n\n"
        "```python\nimport x\n\nx.run()\n```\n\n### Options\n\nRun it:\n\n```\nx --help\n```\n\nDone."
    )
    assert extracted.metadata == {"author": "Docs team"}


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_each_csv_row_names_its_columns_whatever_parts_them(delimiter: str) -> None:
    target = io.StringIO()
    rows = [["Plan", "Price", "Note"], ["Pro", "$20", 'two "seats"'], ["Team", "$50", ""]]
    csv.writer(target, delimiter=delimiter).writerows(rows)
    data = target.getvalue()
    extracted = extract(data.encode(), "price-table.csv")
    assert lines_of(extracted)[0] == "# Price table"
    assert lines_of(extracted)[-1] == "Plan: Team; Price: $50"
    assert 'Plan: Pro; Price: $20; Note: two "seats"' in extracted.text


def test_quoted_cells_may_hold_delimiters_and_line_ends() -> None:
    extracted = extract(b'name,text\nA,"one, two\nthree"\nB,four\n', "t.csv")
    assert lines_of(extracted)[2:] == ["name: A; text: one, two three", "name: B; text: four"]


def test_a_stray_quote_does_not_swallow_the_file() -> None:
    data = "size,name\n" + '5,"open\n' + "\n".join(f"{n},row{n}" for n in range(300))
    extracted = extract(data.encode(), "t.csv")
    assert "size: 299; name: row299" in lines_of(extracted)


def test_a_table_without_header_keeps_its_values() -> None:
    assert lines_of(extract(b"1,2\n3,4\n", "t.csv"))[2:] == ["1; 2", "3; 4"]


def test_a_title_above_the_table_is_not_its_header() -> None:
    extracted = extract(b"Ducks per year,\nYear,Ducks\n2019,120\n", "t.csv")
    assert lines_of(extracted)[2:] == ["Ducks per year", "", "Year: 2019; Ducks: 120"]


@pytest.mark.parametrize(
    "text",
    [
        "Код ворот меняется в понедельник.",
        "保証は三年です。修理は無料です。",
        "保修期为三年。维修免费。",
        "Η εγγύηση ισχύει για τρία χρόνια.",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_without_a_mark_is_read_in_any_script(text: str, encoding: str) -> None:
    assert extract(text.encode(encoding), "note.txt").text == text


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("Prüfung, Öffnung, ".encode() + b"Geb\xfchr: 12", "Prüfung, Öffnung, Gebühr: 12"),
        ("Straße und Größe ".encode() + "ß".encode()[:1], "Straße und Größe \ufffd"),
        (b"a caf\xe9, na\xefve in all", "a café, naïve in all"),
        ("保証期間は三年です。修理の受付は平日です。".encode("cp932"), "保証期間は三年です。修理の受付は平日です。"),
        ("保修期为自购买之日起三年，更换零件免费。".encode("gb18030"), "保修期为自购买之日起三年，更换零件免费。"),
        ("Příliš žluťoučký kůň úpěl ďábelské ódy.".encode("iso8859_2"), "Příliš žluťoučký kůň úpěl ďábelské ódy."),
        ("Größe: 8 m², Höhe: 2 m², Maß: 3 m², für".encode("cp1252"), "Größe: 8 m², Höhe: 2 m², Maß: 3 m², für"),
        ("L’été, la société a été créée à « où »".encode("cp1252"), "L’été, la société a été créée à « où »"),
        ("Müşteri için lütfen arayın, teşekkürler.".encode("cp1254"), "Müşteri için lütfen arayın, teşekkürler."),
        ("Гарантия действует три года со дня покупки.".encode("cp1251"), "Гарантия действует три года со дня покупки."),
    ],
)  # fmt: skip
def test_stray_bytes_never_change_the_encoding(data: bytes, text: str) -> None:
    assert extract(data, "note.txt").text == text


def test_bytes_that_are_no_text_are_still_refused() -> None:
    with pytest.raises(DocumentFailed, match="not text"):
        extract(bytes(range(256)) * 8, "note.txt")
