"""A language is added by its file alone: what docs/extending-language.md shows is run here."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from ragchat.answering.grounding.facts import facts_of, polarity_agrees
from ragchat.answering.grounding.figures import figures_agree
from ragchat.errors import UsageError
from ragchat.language.analysis import analyze
from ragchat.language.detection import language_of_text
from ragchat.language.quantities.figures import read_figures
from ragchat.language.tables import add_language, language_named, languages, read_language, remove_language

PAGE = Path(__file__).resolve().parents[2] / "docs" / "extending-language.md"


def block(kind: str) -> str:
    found = re.search(rf"```{kind}\n(.*?)```", PAGE.read_text("utf-8"), re.S)
    assert found is not None
    return found[1]


@pytest.fixture
def table(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "sv.toml"
    path.write_text(block("toml"), "utf-8")
    yield path
    remove_language("sv")


def test_the_page_runs(table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(table.parent)
    exec(compile(block("python"), str(PAGE), "exec"), {})
    assert "sv" in languages()


def test_texts_of_the_language_are_told_once_it_is_added(table: Path) -> None:
    text = "Du har rätt till semester och det är bra om du inte väntar med att ta ut den när du kan. " * 3
    assert language_of_text(text) != "sv"
    add_language(table)
    assert language_of_text(text) == "sv"


def test_its_function_words_are_left_out_of_the_index(table: Path) -> None:
    before = analyze("det är inte bilen", "sv")
    add_language(table)
    assert len(before) == 4
    assert analyze("det är inte bilen", "sv") == ["bil"]


def test_its_dates_and_numbers_are_read(table: Path) -> None:
    add_language(table)
    assert [figure.value for figure in read_figures("den 5 maj 2026", "sv").figures] == ["5", "m5", "2026"]
    assert [figure.value for figure in read_figures("2,5 tusen", "sv").figures] == ["2500"]


@pytest.mark.parametrize(
    ("claim", "source", "agree"),
    [
        ("Du får ta med mat.", "Du får inte ta med mat.", False),
        ("Avgiften är 20 kronor.", "Avgiften är 20 000 kronor.", False),
        ("Det tar minst 5 dagar.", "Det tar högst 5 dagar.", False),
        ("Det är tillåtet att äta.", "Det är förbjudet att äta.", False),
        ("Det tar fem dagar.", "Det tar 5 dagar.", True),
    ],
)
def test_its_facts_are_checked(table: Path, claim: str, source: str, agree: bool) -> None:
    add_language(table)
    mine, theirs = facts_of(claim, "sv"), facts_of(source, "sv")
    assert (polarity_agrees(mine, theirs) and figures_agree(mine.figures, theirs.figures)) is agree


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ('code = "swedish"', "code"),
        ('code = "sv"\nstemer = "swedish"', "stemer"),
        ('code = "sv"\n[words]\nfunction = 3', "function"),
        ('code = "sv"\n[dates]\nmonths = ["januari"]', "months"),
        ('code = "sv"\n[dates]\norder = "ymd"', "order"),
        ('code = "sv"\n[opposites]\npairs = ["over under"]', "pairs"),
        ('code = "sv"\n[numbers.words]\ntwo = "två"', "two"),
        ('code = "sv', "TOML"),
    ],
)
def test_a_slip_in_a_table_is_named(tmp_path: Path, wrong: str, named: str) -> None:
    path = tmp_path / "sv.toml"
    path.write_text(wrong, "utf-8")
    with pytest.raises(UsageError, match=named):
        read_language(path)


def test_a_language_without_a_table_has_its_stemmer() -> None:
    assert language_named("sv").stemmer == "swedish"
    assert analyze("bilarna", "sv") == analyze("bilen", "sv")
    assert analyze("anything", "") == ["anything"]


def test_every_table_that_is_shipped_is_whole() -> None:
    for language in languages().values():
        assert len(set(language.dates.months.values())) == 12
        assert len(set(language.dates.weekdays.values())) == 7
        assert all(language.courtesy.replies.values())
        assert all(language.questions.values())
        assert language.words.function
        assert language.denial.words
