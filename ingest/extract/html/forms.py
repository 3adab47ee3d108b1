"""What a saved form says: the values that were filled in, what was chosen and what was ticked."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from ingest.extract.clean import one_line

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

TICKED: Final = "[x] "
OPEN: Final = "[ ] "
_NO_VALUES: Final = frozenset(
    "hidden password submit button reset image file search range color".split()  # noqa: SIM905
)
_LABELLING: Final = frozenset({"label", "td", "th", "dd", "li", "p"})


@dataclass(slots=True)
class Forms:
    """Fields by their id, for labels that stand elsewhere; `told` are those whose value was written with its label."""

    fields: "dict[str, LexborNode]" = field(default_factory=dict)
    told: set[int] = field(default_factory=set)

    def value(self, node: "LexborNode") -> str:
        """What a field says, "" for nothing and for one that nothing around it names."""
        if node.mem_id in self.told or not (node.tag == "textarea" or _is_named(node)):
            return ""
        return value_of(node)

    def labelled(self, label: "LexborNode") -> str:
        """The value of the field that a label is for."""
        target = self.fields.get(label.attributes.get("for") or "")
        if target is None or target.mem_id in self.told:
            return ""
        value = value_of(target)
        if value:
            self.told.add(target.mem_id)
        return value


def forms_of(body: "LexborNode") -> Forms:
    """The fields of a page."""
    return Forms(
        {node.attributes.get("id") or "": node for node in body.css("input[id], select[id], textarea[id]")}
    )


def value_of(node: "LexborNode") -> str:
    """The value of a field as text."""
    attributes = node.attributes
    match node.tag:
        case "textarea":
            return one_line(node.text())
        case "select":
            chosen = node.css("option[selected]")
            return ", ".join(filter(None, (one_line(option.text()) for option in chosen)))
        case _:
            kind = (attributes.get("type") or "text").lower()
            if kind in ("checkbox", "radio"):
                return TICKED if "checked" in attributes else OPEN
            return "" if kind in _NO_VALUES else one_line(attributes.get("value") or "")


def _is_named(node: "LexborNode") -> bool:
    above = node.parent
    for _ in range(4):
        if above is None:
            return False
        if above.tag in _LABELLING:
            return True
        above = above.parent
    return False
