"""What a file says about itself: title, author, subject, keywords, language, dates."""

import re
from typing import Final

from ingest.extract.clean import one_line
from ingest.extract.odf.names import DC, META, OFFICE
from ingest.extract.odf.opening import Opened
from ragchat.documents import Scalar

_FIELDS: Final = (
    ("title", DC + "title"),
    ("author", META + "initial-creator"),
    ("author", DC + "creator"),
    ("description", DC + "subject"),
    ("description", DC + "description"),
    ("language", DC + "language"),
    ("created", META + "creation-date"),
    ("modified", DC + "date"),
)
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


def facts_of(opened: Opened) -> dict[str, Scalar]:
    """The facts by name; dates as days."""
    facts: dict[str, Scalar] = {}
    meta = opened.meta.find(OFFICE + "meta") if opened.meta is not None else None
    if meta is None:
        return facts
    for name, tag in _FIELDS:
        text = one_line(meta.findtext(tag) or "")
        if name in ("created", "modified"):
            text = day[0] if (day := _DAY.match(text)) else ""
        if text and name not in facts:
            facts[name] = text
    words = [one_line(node.text or "") for node in meta.iterchildren(META + "keyword")]
    if any(words):
        facts["keywords"] = ", ".join(filter(None, words))
    return facts
