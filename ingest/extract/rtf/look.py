"""How characters look and where they go, and the control words that change it; it ends with the group it began in."""

from dataclasses import dataclass, replace

from ingest.extract.assembly.inline import lowered, raised, struck


@dataclass(frozen=True, slots=True)
class Look:
    """How characters look, and where they go: `to` names the destination, "" the text."""

    to: str = ""
    unread: bool = False
    hidden: bool = False
    deleted: bool = False
    struck: bool = False
    height: int = 0
    font: int = -1
    colour: int = 0
    """Its place in the table of colours; 0 is that of ink."""
    ground: bool = False
    """Whether a colour may lie below."""
    skipped: int = 1


def looking(look: Look, word: str, number: int | None) -> Look:
    """The look behind a control word; the same for one that changes none."""
    on = number != 0
    match word:
        case "f" if number is not None:
            return replace(look, font=number)
        case "uc" if number is not None:
            return replace(look, skipped=max(0, number))
        case "cf":
            return replace(look, colour=number or 0)
        case "highlight" | "cb" | "chcbpat" | "cbpat" | "chshdng" | "shading":
            return replace(look, ground=bool(number))
        case "pard" if look.ground:
            return replace(look, ground=False)
        case "v":
            return replace(look, hidden=on)
        case "deleted":
            return replace(look, deleted=on)
        case "strike" | "striked":
            return replace(look, struck=on)
        case "super" | "sub":
            return replace(look, height=(1 if word == "super" else -1) if on else 0)
        case "up" | "dn":
            return replace(look, height=(1 if word == "up" else -1) if number else 0)
        case "nosupersub":
            return replace(look, height=0)
        case "plain":
            return replace(look, hidden=False, deleted=False, struck=False, height=0, colour=0)
        case _:
            return look


def written(runs: list[tuple[Look, str]]) -> str:
    """Runs as text; those of one look are one piece."""
    text, place = "", 0
    while place < len(runs):
        look, end = runs[place][0], place
        piece = ""
        while end < len(runs) and _same(runs[end][0], look):
            piece += runs[end][1]
            end += 1
        place = end
        if look.height and not piece.startswith("[^"):
            piece = raised(piece, text) if look.height > 0 else lowered(piece, text)
        text += struck(piece) if look.struck else piece
    return text.strip(" \t")


def _same(one: Look, other: Look) -> bool:
    return (one.height, one.struck) == (other.height, other.struck)
