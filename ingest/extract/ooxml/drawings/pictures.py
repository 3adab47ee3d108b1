"""What an author says that a picture shows."""

import re
from typing import TYPE_CHECKING, Final

from ingest.extract.clean import one_line

if TYPE_CHECKING:
    from lxml.etree import _Element as Element  # type: ignore[import-untyped]

_FILE_NAME: Final = re.compile(r"\S+\.(?:png|jpe?g|gif|bmp|tiff?|svg|emf|wmf|webp)", re.IGNORECASE)


def described(named: "Element | None") -> str:
    """Title and description that an element's properties hold; "" for a decoration and for the name of a file."""
    if named is None:
        return ""
    if _is_decoration(named):
        return ""
    told = (one_line(named.get(name) or "") for name in ("title", "descr", "alt"))
    return ": ".join(dict.fromkeys(words for words in told if words and not _FILE_NAME.fullmatch(words)))


def _is_decoration(named: "Element") -> bool:
    return any(
        isinstance(mark.tag, str) and mark.tag.endswith("}decorative") and mark.get("val") in ("1", "true")
        for mark in named.iter()
    )
