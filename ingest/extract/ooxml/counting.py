"""Numbers as lists write them: digits, letters, Roman numerals, ordinals."""

from typing import Final

_ROMAN: Final = (
    (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"),
    (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
)  # fmt: skip
_NOTES: Final = "*†‡§"


def in_format(number: int, kind: str) -> str:
    """A number as a list writes it; kinds of other scripts are written in digits."""
    match kind:
        case "none" | "bullet":
            return ""
        case "decimalZero":
            return f"{number:02d}"
        case "upperLetter" | "lowerLetter":
            letters = _letters(number)
            return letters if kind.startswith("upper") else letters.lower()
        case "upperRoman" | "lowerRoman":
            roman = _roman(number)
            return roman if kind.startswith("upper") else roman.lower()
        case "ordinal":
            return f"{number}{_ending(number)}"
        case "chicago":
            return _NOTES[(number - 1) % 4] * ((number - 1) // 4 + 1)
        case _:
            return str(number)


def _letters(number: int) -> str:
    """A to Z, then AA, BB: Word repeats the letter."""
    return chr(65 + (number - 1) % 26) * min((number - 1) // 26 + 1, 20) if number > 0 else str(number)


def _roman(number: int) -> str:
    if not 0 < number < 4000:
        return str(number)
    text = ""
    for value, sign in _ROMAN:
        text += sign * (number // value)
        number %= value
    return text


def _ending(number: int) -> str:
    if 10 <= number % 100 <= 20:
        return "th"
    return {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
