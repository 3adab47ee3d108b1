"""Numbers keep their meaning wherever something is raised, lowered, struck out or noted."""

import pytest

from ingest.extract.assembly.inline import fraction, is_power, link, lowered, note_mark, raised, struck


@pytest.mark.parametrize(
    ("before", "text", "written"),
    [
        ("10", "6", "10⁶"),
        ("10", "−3", "10⁻³"),
        ("g/m", "3", "g/m³"),
        ("x", "n", "xⁿ"),
        ("x", "2k", "x^2k"),
        ("x", "a+b", "x^(a+b)"),
        ("1", "st", "1st"),
        ("2", "ème", "2ème"),
        ("M", "lle", "Mlle"),
        ("Acme", "TM", "Acme™"),
        ("price", "a", "price^a"),
        ("99", " ", "99"),
        ("99", "excl. VAT", "99 (excl. VAT)"),
    ],
)
def test_what_is_raised_stays_apart_from_its_base(before: str, text: str, written: str) -> None:
    assert before + raised(text, before) == written


@pytest.mark.parametrize(
    ("before", "text", "written"),
    [
        ("CO", "2", "CO2"),
        ("Ca(OH)", "2", "Ca(OH)2"),
        ("101", "2", "101₂"),
        ("V", "max", "V_max"),
        ("x", "i+1", "x_(i+1)"),
    ],
)
def test_what_is_lowered_stays_apart_from_its_base(before: str, text: str, written: str) -> None:
    assert before + lowered(text, before) == written


def test_one_and_a_half_is_no_eleven_halves() -> None:
    assert "1" + fraction("1", "2", "1") == "1 1/2"
    assert fraction("x + 1", "y") == "(x + 1)/y"


def test_what_was_struck_says_so_and_keeps_its_blanks_outside() -> None:
    assert struck(" € 649 ") == " ~~€ 649~~ "
    assert struck("  ") == "  "


def test_a_note_has_its_mark_and_a_link_its_address() -> None:
    assert note_mark(" [2] ") == "[^2]"
    assert link("return form", "https://a.b/c(1)") == "[return form](https://a.b/c(1%29)"
    assert link("a@b.c", "mailto:a@b.c") == "a@b.c"
    assert link("https://a.b", "https://a.b") == "https://a.b"


@pytest.mark.parametrize(
    ("before", "mark", "power"),
    [("10", "6", True), ("2.5×10", "-3", True), ("5 g/m", "3", True), ("12 m", "2", True), ("99", "1", False),
     ("210", "6", False), ("room", "2", False)],
)  # fmt: skip
def test_powers_are_told_from_notes(before: str, mark: str, power: bool) -> None:
    assert is_power(before, mark) is power
