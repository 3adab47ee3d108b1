"""Numbers, dates and times of a text in one spelling, with unit and direction, in each language."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ragchat.language.quantities.figures import read_figures
from ragchat.language.tables import languages

CODES = sorted(languages())


def values(text: str, language: str) -> list[str]:
    return [figure.value for figure in read_figures(text, language).figures]


def measured(text: str, language: str) -> list[tuple[str, str, str]]:
    return [(figure.value, figure.unit, figure.bound) for figure in read_figures(text, language).figures]


@pytest.mark.parametrize(
    ("language", "written", "value"),
    [
        ("de", "20.000", "20000"),
        ("de", "20,5", "20.5"),
        ("de", "1.234.567,80", "1234567.8"),
        ("de", "20'000", "20000"),
        ("en", "20,000", "20000"),
        ("en", "20.000", "20"),
        ("en", "1,234.50", "1234.5"),
        ("fr", "20 000", "20000"),
        ("fr", "20\u202f000,50", "20000.5"),
        ("es", "1.500", "1500"),
        ("it", "1.500,00", "1500"),
        ("nl", "0,125", "0.125"),
        ("pt", "2.000.000", "2000000"),
        ("en", "007", "7"),
    ],
)
def test_marks_are_read_as_the_language_writes_them(language: str, written: str, value: str) -> None:
    assert values(f"x {written} x", language) == [value]


@pytest.mark.parametrize(
    ("language", "written", "value"),
    [
        ("en", "twenty-four", "24"),
        ("en", "two hundred and five", "205"),
        ("de", "einundzwanzig", "21"),
        ("de", "zweitausenddreihundertelf", "2311"),
        ("fr", "vingt et un", "21"),
        ("fr", "quatre-vingt-dix-sept", "97"),
        ("fr", "soixante et onze", "71"),
        ("es", "treinta y cinco", "35"),
        ("es", "veintidós", "22"),
        ("it", "ventuno", "21"),
        ("it", "duemilacinquecento", "2500"),
        ("nl", "drieëntwintig", "23"),
        ("pt", "cento e vinte e três", "123"),
        ("en", "2.5 million", "2500000"),
        ("de", "2,5 Mio.", "2500000"),
    ],
)
def test_numbers_in_words_are_composed(language: str, written: str, value: str) -> None:
    assert values(written, language) == [value]


def test_two_numbers_side_by_side_are_two() -> None:
    assert values("five six", "en") == ["5", "6"]
    assert values("between one hundred and two hundred", "en") == ["100", "200"]
    assert values("Achtung, die Siebe", "de") == []


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "14 May 2024"),
        ("en", "May 14, 2024"),
        ("en", "May 14th, 2024"),
        ("en", "2024-05-14"),
        ("en", "14/05/2024"),
        ("de", "14. Mai 2024"),
        ("de", "14.05.2024"),
        ("de", "14.05.24"),
        ("fr", "14 mai 2024"),
        ("es", "14 de mayo de 2024"),
        ("it", "14 maggio 2024"),
        ("nl", "14 mei 2024"),
        ("pt", "14 de maio de 2024"),
    ],
)
def test_a_date_is_its_parts_however_it_is_written(language: str, text: str) -> None:
    assert sorted(values(text, language)) == ["14", "2024", "m5"]


def test_day_and_month_stay_apart_where_a_language_does_not_tell_them() -> None:
    assert values("03/04/2026", "en") == ["3", "4", "2026"]
    assert values("03/04/2026", "de") == ["3", "m4", "2026"]


def test_a_short_range_of_years_is_two_years() -> None:
    assert values("the season 2018–19", "en") == ["2018", "2019"]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "5 pm"),
        ("en", "5 p.m."),
        ("en", "17:00"),
        ("de", "17 Uhr"),
        ("de", "17:00 Uhr"),
        ("fr", "17h00"),
    ],
)
def test_a_time_is_one_however_it_is_written(language: str, text: str) -> None:
    assert values(text, language) == ["17:00"]


@pytest.mark.parametrize(
    ("text", "values_"),
    [
        ("Python 3.11.7", ["3.11.7"]),
        ("version 3.10", ["3.10"]),
        ("v3.11.7", ["3.11.7"]),
        ("the XR-2000", ["xr2000"]),
        ("error E02 on the T1", ["e02", "t1"]),
        ("COVID-19", ["covid19"]),
        ("the 1980s", ["1980"]),
        ("2FA", ["2fa"]),
    ],
)
def test_versions_and_identifiers_are_no_amounts(text: str, values_: list[str]) -> None:
    assert values(text, "en") == values_


@pytest.mark.parametrize(
    ("language", "text", "figures"),
    [
        ("en", "€20 or EUR 20 or 20 euros", [("20", "EUR", "exactly")] * 3),
        ("en", "EUR25", [("25", "EUR", "exactly")]),
        ("en", "a 20-minute call", [("20", "minute", "exactly")]),
        ("en", "5–7 days", [("5", "day", "exactly"), ("7", "day", "exactly")]),
        ("en", "5 - 10 kg", [("5", "kg", "exactly"), ("10", "kg", "exactly")]),
        ("en", "$20 million", [("20000000", "USD", "exactly")]),
        ("en", "30°C and -5 °C", [("30", "°C", "exactly"), ("-5", "°C", "exactly")]),
        ("de", "5 Arbeitstage, 5 Prozent", [("5", "workday", "exactly"), ("5", "%", "exactly")]),
        ("fr", "5 pour cent", [("5", "%", "exactly")]),
        ("en", "no less than 30 kg", [("30", "kg", "at_least")]),
        ("en", "30 kg or more", [("30", "kg", "at_least")]),
        ("en", "longer than **six hours**", [("6", "hour", "more_than")]),
        ("en", "no more than EUR 30", [("30", "EUR", "at_most")]),
        ("de", "höchstens 30 kg", [("30", "kg", "at_most")]),
        ("de", "nicht mehr als 30 kg", [("30", "kg", "at_most")]),
        ("de", "bis zu 30 Tage", [("30", "day", "at_most")]),
        ("fr", "au moins trois jours", [("3", "day", "at_least")]),
        ("es", "no más de 5 días", [("5", "day", "at_most")]),
        ("it", "almeno 5 giorni", [("5", "day", "at_least")]),
        ("nl", "hoogstens 5 dagen", [("5", "day", "at_most")]),
        ("pt", "pelo menos 5 dias", [("5", "day", "at_least")]),
    ],
)
def test_units_and_directions_have_one_name(
    language: str, text: str, figures: list[tuple[str, str, str]]
) -> None:
    assert measured(text, language) == figures


def test_a_phrase_that_directs_a_figure_is_taken_out_of_the_words() -> None:
    reading = read_figures("Not more than 5 days, but more than enough.", "en")
    assert reading.rest.split() == ["5", "days,", "but", "more", "than", "enough."]
    assert len(reading.rest) == len("Not more than 5 days, but more than enough.")


@given(st.text(), st.sampled_from(CODES))
def test_every_figure_has_its_place(text: str, language: str) -> None:
    figures = read_figures(text, language).figures
    places = [(figure.start, figure.end) for figure in figures]
    assert all(0 <= start < end <= len(text) for start, end in places)
    assert places == sorted(places)


@given(st.integers(0, 10**12), st.sampled_from(CODES))
def test_a_grouped_number_is_the_number(number: int, language: str) -> None:
    for mark in languages()[language].numbers.grouping:
        assert values(f"{number:,}".replace(",", mark), language) == [str(number)]
