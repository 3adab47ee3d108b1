"""Digits in the places of a number format: grouping, leading zeros, decimals, fractions, powers."""

import re
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from ingest.extract.ooxml.sections import Kind, Section


def plain(number: Decimal) -> str:
    """All digits, no exponent, no zeros behind the last digit."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def in_digits(section: Section, number: Decimal, signed: bool) -> str:
    if section.has("general") or not (section.has("digit") or section.has("text")):
        body = "".join(
            plain(abs(number)) if kind in ("general", "text") else text
            for kind, text in section.tokens
            if kind != "percent"
        )
    elif section.has("text"):
        body = "".join(plain(abs(number)) if kind == "text" else text for kind, text in section.tokens)
    elif section.has("slash") and not section.has("point"):
        body = _as_fraction(section, abs(number))
    elif section.has("power"):
        body = _as_power(section, abs(number))
    else:
        body = _as_digits(section, abs(number))
    body = " ".join(body.split())
    told = signed and any(
        sign in text for kind, text in section.tokens if kind == "literal" for sign in "-\u2212("
    )
    return f"-{body}" if number < 0 and not told and any(map(str.isdigit, body)) else body


def _as_digits(section: Section, number: Decimal) -> str:
    """Digits in their places, rounded as Excel does; a comma behind the last place divides by a thousand."""
    tokens = list(section.tokens)
    number *= 100 ** sum(kind == "percent" for kind, _ in tokens)
    point = next((place for place, (kind, _) in enumerate(tokens) if kind == "point"), len(tokens))
    last = max(
        (place for place, (kind, _) in enumerate(tokens) if kind == "digit" and place < point), default=-1
    )
    scale = _thousands(tokens)
    after = [place for place, (kind, _) in enumerate(tokens) if kind == "digit" and place > point]
    rounded = (number / (1000**scale)).quantize(Decimal(1).scaleb(-len(after)), ROUND_HALF_UP)
    whole, _, part = format(rounded, "f").partition(".")
    grouped = last >= 0 and any(kind == "group" for kind, _ in tokens[:last])
    before = [place for place, (kind, _) in enumerate(tokens) if kind == "digit" and place < point]
    shown = _whole(tokens, before, "" if whole == "0" else whole, grouped) | _part(tokens, after, part)
    text = ""
    for place, (kind, literal) in enumerate(tokens):
        if kind == "digit":
            text += shown.get(place, "")
        elif kind == "point":
            text += "." if any(shown.get(other) for other in after) or not after else ""
        elif kind != "group":
            text += literal
    return text.rstrip(".") if not after else text


def _thousands(tokens: list[tuple[Kind, str]]) -> int:
    """How often the number is divided by a thousand: commas right behind the last digit, or before the point."""
    kinds = [kind for kind, _ in tokens if kind != "literal"]
    ends = [
        place
        for place, kind in enumerate(kinds)
        if kind == "digit" and kinds[place + 1 : place + 2] == ["group"]
    ]
    for end in reversed(ends):
        run = len(kinds[end + 1 :]) - len("".join(kind[0] for kind in kinds[end + 1 :]).lstrip("g"))
        following = kinds[end + 1 + run : end + 2 + run]
        if following != ["digit"]:
            return run
    return 0


def _whole(tokens: list[tuple[Kind, str]], places: list[int], digits: str, grouped: bool) -> dict[int, str]:
    """The digits before the point by place, from the right; the first place takes all that are left."""
    shown: dict[int, str] = {}
    left, written = digits, 0
    for place in reversed(places):
        taken = left if place == places[0] else left[-1:]
        left = left[: len(left) - len(taken)]
        if not taken and tokens[place][1] == "0":
            taken = "0"
        text = ""
        for digit in reversed(taken):
            text = digit + ("," if grouped and written and written % 3 == 0 else "") + text
            written += 1
        shown[place] = text
    return shown


def _part(tokens: list[tuple[Kind, str]], places: list[int], digits: str) -> dict[int, str]:
    """The digits behind the point by place; zeros at the end only where the format asks for them."""
    shown = dict(zip(places, digits, strict=False))
    for place in reversed(places):
        if tokens[place][1] == "0" or shown.get(place, "0") != "0":
            break
        shown[place] = ""
    return shown


def _as_fraction(section: Section, number: Decimal) -> str:
    """ "# ?/?" as 1 3/4; a number below the slash is the denominator."""
    slash = next(place for place, (kind, _) in enumerate(section.tokens) if kind == "slash")
    below = "".join(
        text for kind, text in section.tokens[slash + 1 :] if kind in ("digit", "literal")
    ).strip()
    above = [place for place, (kind, _) in enumerate(section.tokens[:slash]) if kind == "digit"]
    mixed = (
        any(kind == "literal" and not text.strip() for kind, text in section.tokens[above[0] : slash])
        if above
        else False
    )
    fixed = re.match(r"\d+", below)
    if fixed and int(fixed[0]):
        bottom = int(fixed[0])
        top = int((number * bottom).quantize(Decimal(1), ROUND_HALF_UP))
    else:
        nearest = Fraction(number).limit_denominator(
            10 ** max(1, min(below.count("?") + below.count("#"), 4)) - 1
        )
        top, bottom = nearest.numerator, nearest.denominator
    whole, rest = divmod(top, bottom) if mixed else (0, top)
    if not rest:
        return str(whole)
    return f"{whole} {rest}/{bottom}" if whole else f"{rest}/{bottom}"


def _as_power(section: Section, number: Decimal) -> str:
    power = next(place for place, (kind, _) in enumerate(section.tokens) if kind == "power")
    point = next((place for place, (kind, _) in enumerate(section.tokens) if kind == "point"), power)
    digits = sum(kind == "digit" for kind, _ in section.tokens[point:power])
    mantissa, _, exponent = f"{number:.{digits}E}".partition("E")
    return f"{mantissa}E{int(exponent):+03d}"
