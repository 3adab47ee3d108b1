"""The words that are counted."""

import re
import unicodedata
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ragchat.language.analysis import analyze


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("Employees were running", ["employe", "run"]),
        ("the state of the art", ["state", "art"]),
        ("Café naïve Müller", ["cafe", "naiv", "muller"]),
        ("company’s Ohm's", ["compani", "ohm"]),
        ("U.S. and U.S.A.", ["us", "usa"]),
        ("1,234,567.50 dollars", ["1234567.50", "dollar"]),
        ("C++ and C# and F#", ["c++", "c#", "f#"]),
        ("PDFs of GPUs", ["pdf", "gpu"]),
        ("ﬁnance soft\u00adware", ["financ", "softwar"]),
        ("", []),
        ("... --- !!!", []),
    ],
)
def test_words_are_lower_cased_stemmed_and_folded(text: str, terms: list[str]) -> None:
    assert analyze(text) == terms


@pytest.mark.parametrize("written", ["XR-2000", "xr-2000", "XR2000", "xr2000", "XR 2000"])
def test_a_product_number_is_found_however_it_is_written(written: str) -> None:
    assert {"xr", "2000"} <= set(analyze(written))
    assert len({*analyze("XR-2000")} & {*analyze(written)}) >= 2


@pytest.mark.parametrize(
    ("identifier", "parts"),
    [
        ("getUserName", {"get", "user", "name"}),
        ("HTTPServer", {"http", "server"}),
        ("snake_case_name", {"snake", "case", "name"}),
        ("os.path.join", {"os.path.join", "os", "path", "join"}),
        ("state-of-the-art", {"state", "art"}),
        ("3.11.7", {"3.11.7", "3.11"}),
        ("__init__", {"init"}),
    ],
)
def test_identifiers_are_kept_whole_and_in_parts(identifier: str, parts: set[str]) -> None:
    assert parts <= set(analyze(identifier))


def test_the_same_name_meets_in_every_convention() -> None:
    assert analyze("getUserName")[0] == analyze("get_user_name")[0] == analyze("get-user-name")[0]


def test_scripts_without_spaces_become_pairs() -> None:
    assert analyze("東京都の天気") == ["東京", "京都", "都の", "の天", "天気"]
    assert analyze("iPhone15を買う")[:1] == ["iphone15"]
    assert analyze("猫") == ["猫"]


def test_vowel_signs_do_not_cut_words() -> None:
    assert len(analyze("हिन्दी में", "hi")) == 2


def test_other_languages_have_their_own_stems_and_stop_words() -> None:
    assert analyze("les élèves français", "fr") == ["elev", "franc"]
    assert analyze("Häuser", "de") == analyze("Haus", "de")
    assert analyze("the words", "xx") == ["the", "words"]


@given(st.text(st.characters(exclude_categories=()), max_size=80))
def test_any_text_gives_words_without_white_space(text: str) -> None:
    for term in analyze(text):
        assert term
        assert not re.search(r"\s", term)


@given(st.text(st.characters(exclude_categories=()), max_size=40))
def test_composed_and_decomposed_text_are_the_same(text: str) -> None:
    assert analyze(unicodedata.normalize("NFD", text)) == analyze(unicodedata.normalize("NFC", text))


def test_threads_share_the_memory_of_words() -> None:
    texts = [f"word{i % 97} running jumps{i} CamelCase{i % 13}" for i in range(2000)]

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(analyze, texts)) == [analyze(text) for text in texts]
