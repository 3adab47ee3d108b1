"""JSON and XML: records that can be quoted alone, questions with their answers, keys as headings."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.extract import Extracted, extract
from ragchat.documents.blocks import check_blocks


def read(data: object, name: str = "data.json") -> Extracted:
    content = data if isinstance(data, bytes) else json.dumps(data, ensure_ascii=False).encode()
    extracted = extract(content, name)
    check_blocks(extracted.blocks, extracted.text)
    return extracted


def test_records_are_rows_that_name_their_fields() -> None:
    text = read([{"part": "Lid", "unitPrice": 3.10, "inStock": True}, {"part": "Seal", "unit_price": 2}]).text
    assert "Part: Lid; Unit price: 3.1; In stock: yes\nPart: Seal; Unit price: 2" in text


def test_questions_are_answered_by_their_answers() -> None:
    extracted = read({"faq": [{"question": "Which fuse?", "answer": "16 A, slow.", "tags": ["power"]}]})
    kinds = {block.kind: block for block in extracted.blocks}
    assert kinds["answer"].lead == kinds["question"].span
    assert kinds["answer"].span.of(extracted.text) == "16 A, slow.\n\nTags: power"


def test_objects_stand_under_their_keys() -> None:
    extracted = read({"company": {"name": "Halden", "head_office": {"city": "Oslo", "floors": [1, 2]}}})
    assert [(one.level, one.title) for one in extracted.headings] == [
        (1, "Data"), (2, "Company"), (3, "Head office"),
    ]  # fmt: skip
    assert extracted.text.endswith("City: Oslo\nFloors: 1, 2")


def test_long_objects_of_a_list_keep_their_titles() -> None:
    extracted = read([{"title": "Lifts", "body": "word " * 200}, {"title": "Cranes", "body": "Short."}])
    assert [one.title for one in extracted.headings] == ["Data", "Lifts", "Cranes"]


def test_numbers_and_keys_are_those_of_the_file() -> None:
    text = read(
        b'{"price": 19.90, "2024-01-15": "open", "https://x.example/a-b": "home", "small": 0.00001}'
    ).text
    assert "Price: 19.90" in text
    assert "2024-01-15: open" in text
    assert "https://x.example/a-b: home" in text
    assert "Small: 0.00001" in text


def test_nothing_of_a_question_with_parts_is_lost() -> None:
    entry = {"question": "What is the fee?", "answer": "5 EUR", "conditions": {"from": {"country": "DE"}}}
    text = read([entry]).text
    assert "5 EUR" in text
    assert "Country: DE" in text


def test_long_texts_keep_their_lines_and_rows_their_header() -> None:
    text = read({"body": "First.\n\n1. Open\n2. Close", "rows": [["Plan", "Price"], ["Pro", "20"]]}).text
    assert "1. Open\n2. Close" in text
    assert "Plan: Pro; Price: 20" in text


def test_what_is_no_json_is_text() -> None:
    assert read(b'{"a": 1, // a comment\n}').text == '{"a": 1, // a comment\n}'


def test_xml_data_reads_as_records() -> None:
    xml = (
        b'<?xml version="1.0"?><parts><part id="77-310"><name>Door contact</name><price currency="EUR">18.40</price>'
        b'</part><part id="77-311"><name>Lid spring</name><price currency="EUR">3.10</price></part></parts>'
    )
    assert "Id: 77-311; Name: Lid spring; Price: 3.10 (currency: EUR)" in read(xml, "parts.xml").text


def test_mixed_content_of_xml_is_its_text() -> None:
    text = read(b"<doc><p>Some <b>bold</b> words.</p><p>More.</p></doc>", "doc.xml").text
    assert "Some bold words." in text
    assert "<b>" not in text


def test_words_and_numbers_of_xml_are_never_glued() -> None:
    text = read(b"<a><price>12<cents>50</cents></price><n>line one<br/>line two</n></a>", "a.xml").text
    assert "12 50" in text
    assert "line one line two" in text


def test_sections_of_xml_with_words_between_stay_apart() -> None:
    xml = (
        b"<article><title>Guide</title>Intro text.<section><title>Prices</title><row><c>Pro</c><c>20</c></row>"
        b"</section>"
        b'<item name="Pump"><name>P-1</name></item></article>'
    )
    text = read(xml, "a.xml").text
    assert "Intro text." in text
    assert "Pro, 20" in text
    assert "Pump, P-1" in text


def test_entities_of_xml_fetch_and_expand_nothing() -> None:
    hostile = b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a><b>seen</b><c>&x;</c></a>'
    text = read(hostile, "x.xml").text
    assert "seen" in text
    assert "root:" not in text


def test_markup_in_a_value_is_read_as_what_it_shows() -> None:
    page = b'{"title": "Piers", "body": "<p>Pier <b>2</b> &amp; 3.</p><ul><li>new planks</li></ul>", "sign": "a < b"}'
    text = read(page, "x.json").text
    assert "Pier **2** & 3." in text or "Pier 2 & 3." in text
    assert "- new planks" in text
    assert "Sign: a < b" in text
    feed = b"<feed><item><name>Piers</name><text>&lt;p&gt;Pier 2.&lt;/p&gt;</text></item></feed>"
    assert "<p>" not in read(feed, "x.xml").text


def test_the_bytes_of_a_file_in_a_value_are_left_out() -> None:
    text = read(b'{"logo": "data:image/png;base64,' + b"iVBORw0K" * 500 + b'", "pier": "2"}', "x.json").text
    assert "Pier: 2" in text
    assert "iVBOR" not in text


def test_values_on_a_line_each_are_records() -> None:
    text = read(b'{"pier": "2", "depth": 4.50}\n\n{"pier": "3", "depth": 6}\n', "x.json").text
    assert "Pier: 2; Depth: 4.50\nPier: 3; Depth: 6" in text


values = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)


@settings(deadline=None)
@given(values)
def test_every_value_is_a_document_with_sound_blocks(value: object) -> None:
    read(value)
