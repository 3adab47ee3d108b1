"""XML as the values that JSON has: elements as objects, what repeats as lists, text as text.

An element with words between its parts is a text (mixed content): its words, in order, are its value.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final, TypeAlias

from lxml import etree  # type: ignore[import-untyped]

from ingest.extract.records.strings import readable

if TYPE_CHECKING:
    from lxml.etree import _Element as Element  # type: ignore[import-untyped]

Value: TypeAlias = "Mapping[str, Value] | list[Value] | str"
"""Scalars are strings, as a reader sees them."""

DEEPEST: Final = 40
FEW: Final = 32
"""Attributes that are read the ordinary way, which is quicker for few of them."""
_INLINE: Final = frozenset("b i em strong a span code tt u s q emphasis link literal".split())  # noqa: SIM905
"""Elements that stand inside of words and lines."""


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
    return repr(value) if isinstance(value, float) else readable(str(value))


def of_xml(data: bytes) -> tuple[str, Value]:
    """The root's name and what it holds. Raises etree.XMLSyntaxError."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True, huge_tree=False
    )
    root = etree.fromstring(data, parser)
    return _name(root.tag), _of_element(root, 0)


def _of_element(element: "Element", depth: int) -> Value:
    children = [child for child in element if isinstance(child.tag, str)]
    attributes = {_name(key): value for key, value in _attributes(element) if value.strip()}
    words = [(element.text or "").strip(), *((child.tail or "").strip() for child in children)]
    flat = all(_name(child.tag) in _INLINE and not len(child) for child in children)
    if (
        not children
        or (any(words) and (flat or not any(len(child) for child in children)))
        or depth >= DEEPEST
    ):
        text = readable(" ".join("".join(_pieces(element)).split()))
        facts = "; ".join(f"{key}: {value}" for key, value in attributes.items())
        return f"{text} ({facts})" if text and facts else text or facts
    held: dict[str, list[Value]] = {key: [value] for key, value in attributes.items()}
    for child in children:
        held.setdefault(_name(child.tag), []).append(_of_element(child, depth + 1))
    if said := [word for word in words if word]:
        held.setdefault("text", []).extend(" ".join(word.split()) for word in said)
    return {name: values if len(values) > 1 else values[0] for name, values in held.items()}


def _attributes(element: "Element") -> Iterator[tuple[str, str]]:
    """Names and values. `attrib` looks each value up by its name among all (lxml 6): of many, XPath reads each once."""
    if len(element.attrib) <= FEW:
        yield from element.attrib.items()
    else:
        yield from ((str(value.attrname), str(value)) for value in element.xpath("@*"))


def _pieces(element: "Element") -> Iterator[str]:
    """Its words; those of elements that are no part of a line stand apart."""
    yield element.text or ""
    for child in element:
        if isinstance(child.tag, str):
            apart = "" if _name(child.tag) in _INLINE else " "
            yield apart
            yield from _pieces(child)
            yield apart
        yield child.tail or ""


def _name(tag: str) -> str:
    return str(etree.QName(tag).localname)
