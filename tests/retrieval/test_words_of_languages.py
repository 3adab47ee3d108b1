"""Words of other languages than English in questions and texts."""

import pytest

from ragchat.language.analysis import analyze


@pytest.mark.parametrize(
    ("language", "elided", "plain"),
    [
        ("fr", "l'abonnement", "abonnements"),
        ("fr", "qu’aujourd’hui", "aujourd hui"),
        ("it", "dell'acqua", "acqua"),
        ("ca", "l'aigua", "aigua"),
    ],
)
def test_an_apostrophe_stands_between_two_words_where_articles_are_elided(
    language: str, elided: str, plain: str
) -> None:
    assert set(analyze(plain, language)) <= set(analyze(elided, language))


def test_an_english_possessive_and_name_stay_one_word() -> None:
    assert analyze("the customer's") == analyze("customer")
    assert "obrien" in analyze("O'Brien")


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("忘记密码", "选择“忘记密码”链接"),
        ("割引はありますか", "10パーセント割引になります"),
        ("환불", "환불은 30일 이내"),
    ],
)
def test_scripts_without_spaces_meet_in_pairs_of_characters(question: str, text: str) -> None:
    assert set(analyze(question)) & set(analyze(text))
