"""A JSON or XML file as a document; what is neither after all is read as the text that it is."""

import json

from lxml import etree  # type: ignore[import-untyped]

from ingest.extract import plain
from ingest.extract.assembly.building import TextBuilder
from ingest.extract.charset import decode
from ingest.extract.clean import humanised
from ingest.extract.extracted import Extracted
from ingest.extract.records.values import Value, of_json, of_xml
from ingest.extract.records.writing import add_value, shown_name


def extract(data: bytes, name: str) -> Extracted:
    """The title is the file's name; objects with a title of their own keep it as heading."""
    if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return _xml(data, name)
    try:
        value = of_json(_values(decode(data)))
    except (ValueError, RecursionError):  # with comments, cut off: still text that answers
        return plain.extract(data, name)
    return _document(value, "", name, "application/json")


def _values(text: str) -> object:
    """What the file holds; values on a line each (JSON Lines under the ending of JSON) as a list. Raises ValueError."""
    try:
        return json.loads(text, parse_float=str)  # 19.90 stays 19.90
    except ValueError:
        lines = [line for line in text.splitlines() if line.strip()]
        if len(lines) < 2 or not all(line.lstrip().startswith("{") for line in lines):
            raise
        return [json.loads(line, parse_float=str) for line in lines]


def _xml(data: bytes, name: str) -> Extracted:
    try:
        root, value = of_xml(data)
    except etree.XMLSyntaxError:
        return plain.extract(data, name)
    return _document(value, shown_name(root), name, "application/xml")


def _document(value: Value, root: str, name: str, media_type: str) -> Extracted:
    builder, title = TextBuilder(), humanised(name)
    builder.heading(1, title)
    before = builder.length
    add_value(builder, value, 2, root)
    if builder.length == before:
        return Extracted("", title, media_type, reason="the file holds no values")
    return Extracted(builder.text, title, media_type, headings=tuple(builder.headings), blocks=builder.blocks)
