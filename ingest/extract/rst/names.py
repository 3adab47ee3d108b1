"""What a document defines anywhere for use everywhere: link targets, substitutions, labels of its notes."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from ingest.extract.clean import one_line

_TARGET: Final = re.compile(r"\s*\.\. _(?:`([^`]+)`|((?:\\:|[^:`_])(?:\\:|[^:])*)):(?:\s+(\S.*))?")
_ANONYMOUS: Final = re.compile(r"\s*(?:\.\. __:|__)\s+(\S+)\s*")
_SUBSTITUTION: Final = re.compile(r"\s*\.\. \|([^|]+)\|\s+([\w-]+)::\s*(.*)")
_EMBEDDED: Final = re.compile(r"`([^`<]+)<([^`<>\s]+)>`_(?!_)")
_ALT: Final = re.compile(r"\s+:alt:\s+(.*)")
_ADDRESS: Final = re.compile(
    r"(?:https?|ftp|mailto):\S+|\S+@\S+\.\S+|\S+\.(?:pdf|docx?|xlsx?|pptx?|zip|txt|csv)", re.I
)


def folded(name: str) -> str:
    """A name as references match it: blanks and case do not count."""
    return " ".join(name.replace("\\", "").lower().split())


def is_address(target: str) -> bool:
    """Whether a target leads out of the document."""
    return _ADDRESS.fullmatch(target) is not None


@dataclass(slots=True)
class Names:
    """`targets` by folded name (addresses only), `anonymous` in order, `substitutions` by name."""

    targets: dict[str, str] = field(default_factory=dict)
    anonymous: list[str] = field(default_factory=list)
    substitutions: dict[str, str] = field(default_factory=dict)
    _numbered: dict[str, int] = field(default_factory=dict)

    def label(self, name: str, where: str) -> str:
        """The label of a note or of a mark (`where`): "#" and "*" are numbered in their order."""
        if name not in ("#", "*"):
            return name.lstrip("#")
        self._numbered[where] = self._numbered.get(where, 0) + 1
        return str(self._numbered[where])

    def address(self, name: str) -> str:
        """Where a reference leads, "" for a place in the document."""
        return self.targets.get(folded(name), "")

    def next_anonymous(self) -> str:
        """Where the next anonymous reference leads."""
        return self.anonymous.pop(0) if self.anonymous else ""


def names_of(lines: Sequence[str]) -> Names:
    """Everything that is defined in the lines."""
    names = Names()
    pending: list[str] = []
    for number, line in enumerate(lines):
        if match := _SUBSTITUTION.match(line):
            names.substitutions[match[1]] = _replacement(match[2], match[3], lines[number + 1 : number + 12])
        elif match := _ANONYMOUS.fullmatch(line):
            names.anonymous.append(match[1])
        elif match := _TARGET.fullmatch(line):
            pending.append(match[1] or match[2])
            target = (match[3] or "").strip()
            if target:
                _define(names, pending, target)
        elif line.strip():
            pending.clear()
        for text, target in _EMBEDDED.findall(line) if "`" in line else ():
            names.targets.setdefault(folded(text), target)
    return names


def _define(names: Names, pending: list[str], target: str) -> None:
    """Targets above each other lead to the same address; `other_` is that of another one."""
    if target.endswith("_") and not is_address(target):
        target = names.address(target[:-1].strip("`"))
    for name in pending:
        if is_address(target):
            names.targets[folded(name)] = target
    pending.clear()


def _replacement(kind: str, argument: str, below: Sequence[str]) -> str:
    """What stands for a substitution: its text, the description of its picture, "" for a date."""
    if kind == "replace":
        more = []
        for line in below:
            if not line.startswith(" ") or not line.strip():
                break
            more.append(line.strip())
        return one_line(" ".join([argument, *more]))
    if kind == "image":
        return next((match[1].strip() for line in below if (match := _ALT.match(line))), "")
    if kind == "unicode":
        return re.sub(r"\b(?:0x|U\+)([0-9A-Fa-f]{2,6})\b", _character, argument.partition(" .. ")[0]).strip()
    return ""


def _character(match: re.Match[str]) -> str:
    code = int(match[1], 16)
    return chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 else ""
