"""What stands inside a line but is not plain text, written so that no number changes: one way for every format.

Raised and lowered text, fractions, notes, what was struck out. Ten to the sixth must not read as a hundred and six, a
note's mark must not become a digit of the price before it, and a price that no longer holds must say so.
"""

from typing import Final

_UP: Final = dict(zip("0123456789+-−–=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻⁼⁽⁾ⁿⁱ", strict=True))
_DOWN: Final = dict(zip("0123456789+-−–=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₋₌₍₎", strict=True))
_SIGNS: Final = {"tm": "™", "sm": "℠", "r": "®", "c": "©", "(r)": "®", "(c)": "©"}
_ENDINGS: Final = frozenset(
    "st nd rd th er re e ème eme ère nde lle me mme rs os as ter bis o a º ª".split()  # noqa: SIM905
)
"""Endings that are raised by typographic habit: 1st, 2ème, Mlle, 3ª."""
_UNITS_OF_POWER: Final = ("10", "mm", "cm", "dm", "km", "m", "in", "ft", "yd")
"""What a raised digit is an exponent of, also in a text with notes."""


def raised(text: str, before: str) -> str:
    """A superscript, as it is written behind `before`: 10⁶, 1st, x^(2k), Acme™."""
    words, text = " ".join(text.split()), "".join(text.split())
    folded = text.lower()
    if not text:
        return ""
    if " " in words and any(map(str.isalpha, words)):
        return f"{'' if before[-1:].isspace() else ' '}({words.strip('()')})"
    if text in "™®©℠" or not text.strip("*†‡§¶"):
        return text
    if folded in _SIGNS and before[-1:].isalpha() and (len(folded) > 1 or before[-2:].isalpha()):
        return _SIGNS[folded]
    if folded in _ENDINGS and (before[-1:].isdigit() or (len(folded) > 1 and before[-1:].isalpha())):
        return text
    if all(sign in _UP for sign in text):
        return "".join(map(_UP.__getitem__, text))
    return f"^{_grouped(text)}"


def lowered(text: str, before: str) -> str:
    """A subscript, as it is written behind `before`: CO2, 101₂, V_max."""
    text = "".join(text.split())
    if not text:
        return ""
    if text.isdigit() and (before[-1:].isalpha() or before[-1:] in (")", "]")):
        return text
    if all(sign in _DOWN for sign in text):
        return "".join(map(_DOWN.__getitem__, text))
    return f"_{_grouped(text)}"


def fraction(top: str, bottom: str, before: str = "") -> str:
    """Behind a digit with a blank, so that one and a half is no eleven halves."""
    blank = " " if before[-1:].isdigit() else ""
    return f"{blank}{_grouped(top.strip())}/{_grouped(bottom.strip())}"


def struck(text: str) -> str:
    """Text that no longer holds; blanks stay outside of the marks."""
    body = text.strip()
    if not body:
        return text
    left = text[: len(text) - len(text.lstrip())]
    return f"{left}~~{body}~~{text[len(text.rstrip()) :]}"


def note_mark(label: str) -> str:
    """The mark of a footnote, as Markdown writes it."""
    return f"[^{label.strip().strip('[]()').strip() or '*'}]"


def is_power(before: str, mark: str) -> bool:
    """Whether a raised digit is an exponent whatever else raised digits are on the page."""
    base = before.rstrip().rsplit(" ", 1)[-1].lstrip("(/·*×").rpartition("/")[2]
    if base.lower().endswith("10") and not base[:-2][-1:].isdigit():
        return True
    return mark.lstrip("-−") in ("2", "3") and base.lstrip("0123456789.,") in _UNITS_OF_POWER[1:]


def link(text: str, address: str) -> str:
    """A link with its address, as Markdown writes it; an address that is its own text once."""
    body = " ".join(text.split())
    shown = address.removeprefix("mailto:").removeprefix("tel:")
    if not body or body in (address, shown):
        return shown
    label = body.replace("[", "(").replace("]", ")")
    left = text[: len(text) - len(text.lstrip())]
    return f"{left}[{label}]({address.replace(' ', '%20').replace(')', '%29')}){text[len(text.rstrip()) :]}"


def _grouped(text: str) -> str:
    """In brackets where it is more than a word or a number."""
    plain = text.replace(".", "").replace(",", "").lstrip("-−+")
    bracketed = text.startswith("(") and text.endswith(")")
    return text if plain.isalnum() or bracketed or len(text) == 1 else f"({text})"
