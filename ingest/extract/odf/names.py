"""Namespaces of OpenDocument as lxml writes them before a tag, and numbers as its attributes hold them."""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from lxml.etree import _Element as Element  # type: ignore[import-untyped]

_SCHEMAS: Final = "urn:oasis:names:tc:opendocument:xmlns"
OFFICE: Final = f"{{{_SCHEMAS}:office:1.0}}"
TEXT: Final = f"{{{_SCHEMAS}:text:1.0}}"
TABLE: Final = f"{{{_SCHEMAS}:table:1.0}}"
DRAW: Final = f"{{{_SCHEMAS}:drawing:1.0}}"
STYLE: Final = f"{{{_SCHEMAS}:style:1.0}}"
FO: Final = f"{{{_SCHEMAS}:xsl-fo-compatible:1.0}}"
SVG: Final = f"{{{_SCHEMAS}:svg-compatible:1.0}}"
CHART: Final = f"{{{_SCHEMAS}:chart:1.0}}"
PRESENTATION: Final = f"{{{_SCHEMAS}:presentation:1.0}}"
META: Final = f"{{{_SCHEMAS}:meta:1.0}}"
MANIFEST: Final = f"{{{_SCHEMAS}:manifest:1.0}}"
LOEXT: Final = "{urn:org:documentfoundation:names:experimental:office:xmlns:loext:1.0}"
FIELD: Final = "{urn:openoffice:names:experimental:ooo-ms-interop:xmlns:field:1.0}"
XLINK: Final = "{http://www.w3.org/1999/xlink}"
DC: Final = "{http://purl.org/dc/elements/1.1/}"
MATH: Final = "{http://www.w3.org/1998/Math/MathML}"
XML: Final = "{http://www.w3.org/XML/1998/namespace}"

MAX_DEPTH: Final = 60
"""Nesting that is followed; deeper is no document."""


def count(node: "Element", name: str, otherwise: int = 1) -> int:
    """A whole number from 0 that an attribute holds; `otherwise` for anything else."""
    told = node.get(name) or ""
    return int(told) if told.isascii() and told.isdecimal() and len(told) < 10 else otherwise


def is_said_hidden(node: "Element") -> bool:
    """Whether a section or a field says of itself that it is not shown."""
    told = node.get(TEXT + "display")
    return told == "none" or (
        node.get(TEXT + "is-hidden") == "true"
        and (told == "condition" or node.tag in (TEXT + "hidden-text", TEXT + "hidden-paragraph"))
    )
