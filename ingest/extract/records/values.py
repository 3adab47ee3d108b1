"""XML as the values that JSON has: elements as objects, what repeats as lists, text as text.

An element with words between its parts is a text (mixed content): its words, in order, are its value.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, TypeAlias

from lxml import etree  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from lxml.etree import _Element as Element  # type: ignore[import-untyped]

Value: TypeAlias = "Mapping[str, Value] | list[Value] | str"
"""Scalars are strings, as a reader sees them."""

DEEPEST: Final = 40


def of_json(value: object, depth: int = 0) -> Value:
    """JSON's own values; what lies deeper than DEEPEST is one text."""
    if isinstance(value, dict) and depth < DEEPEST:
        return {str(key): of_json(one, depth + 1) for key, one in value.items()}
    if isinstance(value, list) and depth < DEEPEST:
        return [of_json(one, depth + 1) for one in value]
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return repr(value) if isinstance(value, float) else str(value)


def of_xml(data: bytes) -> tuple[str, Value]:
    """The root's name and what it holds. Raises etree.XMLSyntaxError."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True, huge_tree=False
    )
    root = etree.fromstring(data, parser)
    return _name(root.tag), _of_element(root, 0)


def _of_element(element: "Element", depth: int) -> Value:
    children = [child for child in element if isinstance(child.tag, str)]
    attributes = {_name(key): value for key, value in element.attrib.items() if value.strip()}
    words = (element.text or "").strip(), *((child.tail or "").strip() for child in children)
    if not children or any(words[1:]) or (words[0] and children) or depth >= DEEPEST:
        text = " ".join("".join(element.itertext()).split())
        facts = "; ".join(f"{key}: {value}" for key, value in attributes.items())
        return f"{text} ({facts})" if text and facts else text or facts
    held: dict[str, list[Value]] = {}
    for child in children:
        held.setdefault(_name(child.tag), []).append(_of_element(child, depth + 1))
    return attributes | {name: values if len(values) > 1 else values[0] for name, values in held.items()}


def _name(tag: str) -> str:
    return str(etree.QName(tag).localname)
