"""Jupyter notebooks (nbformat 3 and 4): Markdown cells, code, and what the code printed and showed; no pictures, and of
errors what went wrong."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Final

from ingest.extract import plain
from ingest.extract.charset import decode
from ingest.extract.extracted import Extracted
from ingest.extract.markdown import extract as extract_markdown

MOST_OUTPUT: Final = 2_000
"""Code points of a cell's output that are kept."""
_BACKTICKS: Final = re.compile("`+")
_ESCAPES: Final = re.compile("\x1b\\[[0-9;]{0,20}[A-Za-z]")
MEDIA_TYPE: Final = "application/x-ipynb+json"


def extract(data: bytes, name: str) -> Extracted:
    """As the Markdown that a reader of the notebook sees; what is no notebook is plain text."""
    try:
        notebook = json.loads(decode(data))
        cells = list(_cells(notebook))
    except (ValueError, RecursionError, AttributeError, TypeError):
        return plain.extract(data, name)
    language = _language(notebook)
    parts = [part for cell in cells for part in _parts(cell, language)]
    if not parts:
        return Extracted("", name, MEDIA_TYPE, reason="the notebook has no text")
    shown = extract_markdown("\n\n".join(parts).encode(), name)
    return Extracted(
        shown.text,
        shown.title,
        MEDIA_TYPE,
        headings=shown.headings,
        metadata=shown.metadata,
        reason=shown.reason,
        blocks=shown.blocks,
    )


def _cells(notebook: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    """In format 3 cells stand in worksheets."""
    sheets = notebook.get("worksheets")
    for holder in sheets if isinstance(sheets, list) else [notebook]:
        cells = holder.get("cells")
        yield from cells if isinstance(cells, list) else ()


def _language(notebook: Mapping[str, object]) -> str:
    metadata = notebook.get("metadata")
    info = metadata.get("language_info") if isinstance(metadata, dict) else None
    name = info.get("name") if isinstance(info, dict) else None
    return name if isinstance(name, str) and name.isalnum() else "python"


def _parts(cell: Mapping[str, object], language: str) -> Iterator[str]:
    source = _joined(cell.get("source", cell.get("input", ""))).strip("\n")
    match cell.get("cell_type"):
        case "markdown":
            yield source
        case "heading":
            level = cell.get("level")
            yield f"{'#' * (level if isinstance(level, int) and 0 < level < 7 else 1)} {source}"
        case "code" if source.strip():
            yield _fenced(source, language)
            outputs = cell.get("outputs")
            printed = _ESCAPES.sub("", "".join(map(_printed, outputs if isinstance(outputs, list) else [])))
            if printed.strip():
                yield _fenced(printed.strip("\n")[:MOST_OUTPUT], "text")
            yield from filter(None, map(_shown, outputs if isinstance(outputs, list) else []))
        case "raw" if source.strip():
            yield _fenced(source, "text")


def _printed(output: object) -> str:
    """The text of an output, of an error its last line; "" for pictures and what `_shown` gives."""
    if not isinstance(output, dict):
        return ""
    if output.get("output_type") == "stream":
        return _joined(output.get("text", ""))
    if output.get("output_type") in ("error", "pyerr"):
        told = _joined(output.get("evalue", ""))
        return f"{output.get('ename', 'Error')}: {told}\n" if told else ""
    data = output.get("data", output)
    if isinstance(data, dict) and "text/markdown" in data:
        return ""
    picture = isinstance(data, dict) and any(key.startswith(("image/", "png", "jpeg", "svg")) for key in data)
    text = data.get("text/plain", data.get("text", "")) if isinstance(data, dict) and not picture else ""
    return f"{_joined(text)}\n" if text else ""


def _shown(output: object) -> str:
    """What an output writes as Markdown."""
    data = output.get("data") if isinstance(output, dict) else None
    return _joined(data.get("text/markdown", ""))[:MOST_OUTPUT].strip("\n") if isinstance(data, dict) else ""


def _joined(value: object) -> str:
    """Sources and outputs are strings or lists of lines."""
    return "".join(map(str, value)) if isinstance(value, list) else str(value)


def _fenced(source: str, language: str) -> str:
    fence = "`" * max(3, 1 + max(map(len, _BACKTICKS.findall(source)), default=0))
    return f"{fence}{language}\n{source}\n{fence}"
