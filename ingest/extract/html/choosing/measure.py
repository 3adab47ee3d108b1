"""What every element of a page holds, counted in one pass: characters, links, sentence ends, controls.

Deciding what is furniture looks at thousands of elements; counting each anew would be quadratic in their nesting.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

SKIPPED: Final = frozenset(
    """script style noscript svg canvas audio video head link meta datalist map embed param track noframes title
    ac:parameter ac:emoticon ac:placeholder ri:user""".split()  # noqa: SIM905
)
"""Elements whose text no reader of the page sees, or only where something else failed."""
_STOP: Final = re.compile(r"[.!?…](?:[\"'”’)]{0,2})(?:\s|$)|[。！？]")
_FIELDS: Final = frozenset({"input", "select", "textarea"})
_HEADINGS: Final = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})


@dataclass(slots=True)
class Size:
    """Counts of an element and all below it: characters without white space, `anchors` links within the page, `stops`
    ends of sentences, `digits` pieces of text with a digit."""

    text: int = 0
    linked: int = 0
    links: int = 0
    anchors: int = 0
    stops: int = 0
    digits: int = 0
    buttons: int = 0
    fields: int = 0
    headings: int = 0

    @property
    def prose(self) -> int:
        """Characters that are not linked."""
        return max(self.text - self.linked, 0)

    @property
    def controls(self) -> int:
        """Buttons and fields to fill in."""
        return self.buttons + self.fields

    @property
    def density(self) -> float:
        """The share of the characters that is linked."""
        return self.linked / self.text if self.text else 0.0


class Sizes:
    """The sizes of the elements below one, without those that are left out; elements are known by `mem_id`."""

    def __init__(self, root: "LexborNode", without: Iterable[int] = ()) -> None:
        self._of: dict[int, Size] = {}
        order: list[tuple[int, int, str]] = []
        left_out = set(without)
        for node in root.traverse(include_text=True):
            parent = node.parent
            above = parent.mem_id if parent is not None else 0
            if node.mem_id in left_out or above in left_out or node.tag in SKIPPED:
                left_out.add(node.mem_id)
            elif node.tag == "-text":
                self._count(node.text_content or "", above)
            else:
                self._of[node.mem_id] = Size(anchors=int(node.tag == "a" and _is_anchor(node)))
                order.append((node.mem_id, above, "contact" if _is_contact(node) else node.tag or ""))
        for identity, above, tag in reversed(order):
            self._pass_up(self._of[identity], tag, self._of.get(above))

    def _count(self, text: str, above: int) -> None:
        size = self._of.get(above)
        if size is not None and text and not text.isspace():
            size.text += len("".join(text.split()))
            size.stops += len(_STOP.findall(text))
            size.digits += any(map(str.isdigit, text))

    @staticmethod
    def _pass_up(size: Size, tag: str, above: Size | None) -> None:
        if tag == "a":
            size.linked, size.links = size.text, size.links + 1
        elif tag in _FIELDS:
            size.fields += 1
        elif tag == "button":
            size.buttons += 1
        elif tag in _HEADINGS:
            size.headings += 1
        if above is not None:
            above.text += size.text
            above.linked += size.linked
            above.links += size.links
            above.anchors += size.anchors
            above.stops += size.stops
            above.digits += size.digits
            above.buttons += size.buttons
            above.fields += size.fields
            above.headings += size.headings

    def of(self, node: "LexborNode") -> Size:
        """The size of an element; nothing for one that was left out."""
        return self._of.get(node.mem_id) or Size()


def _is_contact(node: "LexborNode") -> bool:
    """A link that says whom to write to or call, which is a fact and leads nowhere else."""
    address = (node.attributes.get("href") or "") if node.tag == "a" else ""
    return address.startswith("tel:") or (address.startswith("mailto:") and "@" in address.partition("?")[0])


def _is_anchor(link: "LexborNode") -> bool:
    address = link.attributes.get("href") or ""
    return not address or address.startswith("#")
