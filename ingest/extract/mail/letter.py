"""A message as every format of mail tells it: who, when, about what, its bodies, and what came with it."""

from dataclasses import dataclass, field
from typing import Final

MOST_ENCLOSED: Final = 10
"""Messages inside each other that are read."""


@dataclass(frozen=True, slots=True)
class Body:
    """A piece of a message's own text: HTML, or plain with the rules of its lines (RFC 3676)."""

    text: str
    html: bool = False
    flowed: bool = False
    joined: bool = False
    """The blank at the end of a soft line goes (DelSp=yes)."""


@dataclass(slots=True)
class Letter:
    """Fields are shown as they stand here, "" where the message has none; `moment` is the date in ISO 8601."""

    subject: str = ""
    sender: str = ""
    to: str = ""
    copied: str = ""
    date: str = ""
    moment: str = ""
    bodies: list[Body] = field(default_factory=list)
    attached: list[tuple[str, bytes]] = field(default_factory=list)
    enclosed: "list[Letter]" = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
