"""Namespaces of OOXML as lxml writes them before a tag, in the dialect that most files use (see parts.py)."""

from typing import Final

_SCHEMAS: Final = "http://schemas.openxmlformats.org"
W: Final = f"{{{_SCHEMAS}/wordprocessingml/2006/main}}"
S: Final = f"{{{_SCHEMAS}/spreadsheetml/2006/main}}"
P: Final = f"{{{_SCHEMAS}/presentationml/2006/main}}"
A: Final = f"{{{_SCHEMAS}/drawingml/2006/main}}"
C: Final = f"{{{_SCHEMAS}/drawingml/2006/chart}}"
DGM: Final = f"{{{_SCHEMAS}/drawingml/2006/diagram}}"
WP: Final = f"{{{_SCHEMAS}/drawingml/2006/wordprocessingDrawing}}"
XDR: Final = f"{{{_SCHEMAS}/drawingml/2006/spreadsheetDrawing}}"
PIC: Final = f"{{{_SCHEMAS}/drawingml/2006/picture}}"
M: Final = f"{{{_SCHEMAS}/officeDocument/2006/math}}"
R: Final = f"{{{_SCHEMAS}/officeDocument/2006/relationships}}"
MC: Final = f"{{{_SCHEMAS}/markup-compatibility/2006}}"
V: Final = "{urn:schemas-microsoft-com:vml}"
W14: Final = "{http://schemas.microsoft.com/office/word/2010/wordml}"
W15: Final = "{http://schemas.microsoft.com/office/word/2012/wordml}"
DC: Final = "{http://purl.org/dc/elements/1.1/}"
DCTERMS: Final = "{http://purl.org/dc/terms/}"
CP: Final = f"{{{_SCHEMAS}/package/2006/metadata/core-properties}}"


def local(tag: object) -> str:
    """The name of a tag without its namespace; "" for what is no element (entities)."""
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""
