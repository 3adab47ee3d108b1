"""Which language a text is in, and what its words become then."""

import pytest

from ragchat.language.analysis import analyze
from ragchat.language.detection import language_of
from ragchat.language.tables import languages

TEXTS = {
    "en": "Every employee has 28 days of leave, and those that are not taken by the end of March are lost.",
    "de": "Alle Mitarbeiter haben 28 Tage Urlaub im Jahr, und was sie nicht bis Ende März nehmen, verfällt.",
    "fr": "Chaque salarié a droit à 28 jours de congés par an, et ceux qui ne sont pas pris sont perdus.",
    "es": "Cada empleado tiene 28 días de vacaciones al año y los que no se toman hasta marzo se pierden.",
    "it": "Ogni dipendente ha 28 giorni di ferie all'anno e quelli che non sono presi entro marzo si perdono.",
    "pt": "Cada funcionário tem 28 dias de férias por ano e os que não são usados até março são perdidos.",
    "nl": "Iedere werknemer heeft 28 dagen verlof per jaar, en wat niet voor eind maart wordt opgenomen vervalt.",
}


@pytest.mark.parametrize("language", TEXTS)
def test_a_language_is_told_by_its_function_words(language: str) -> None:
    assert language_of([TEXTS[language]]) == language


def test_most_of_the_text_decides() -> None:
    assert language_of([TEXTS["de"], TEXTS["en"], TEXTS["de"]]) == "de"


CODE = """
def d(self, n, s, t, l):
    for j, m in enumerate(l):
        t.me(n[j], s.tu(m), self.la, de=t.es)
    return d(y, c, n, s)
"""


@pytest.mark.parametrize("text", ["", "東京都の天気は晴れです", "12 34 56"])
def test_what_is_in_no_known_language_is_not_told(text: str) -> None:
    assert language_of([text]) is None


def test_one_letter_names_of_source_code_are_not_taken_for_articles() -> None:
    assert language_of([CODE]) in (None, "en")


def test_questions_and_texts_meet_in_their_language() -> None:
    assert set(analyze("Wie viele Urlaubstage habe ich?", "de")) & set(analyze("28 Urlaubstagen", "de"))
    assert not set(analyze("Wie habe ich das?", "de"))
    assert set(analyze("les congés payés", "fr")) == set(analyze("congé payé", "fr"))


def test_every_list_is_lower_case_words() -> None:
    for language in languages().values():
        words = language.words
        assert all(word == word.lower() and word.isalpha() for word in words.function | words.form)
