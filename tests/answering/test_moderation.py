"""Secrets go, ordinary words that look like them stay; also when a stream cuts them in two."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ragchat.answering.answer import Answerer, AnswerOptions
from ragchat.answering.events import Step, Token
from ragchat.answering.moderating.identifiers import NUMBER
from ragchat.answering.moderating.secrets import CARD, KEY, redacted
from ragchat.answering.moderating.stream import OutputRedactor
from ragchat.answering.moderating.words import Moderation
from ragchat.models.scripted import Reply, ScriptedChatModel
from ragchat.retrieval.search import Retriever
from tests.answering.asking import OPTIONS, STRICT, ask, end

BENIGN = [
    "token: see the next page",
    "The password: ask your administrator for it.",
    "Set password: hunter2 in the demo only.",
    "commit da39a3ee5e6b4b0d3255bfef95601890afd80709 fixes it",
    "sha256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "id 3fa85f64-5717-4562-b3fc-2c963f66afa6",
    "To kill a process use kill -9 with its number.",
    "api_key = YOUR_API_KEY",
    "The secret is patience.",
    "Call +49 381 1234567 or 0800 1234 5678 90.",
    "Order 2024-0001-0002-0003 was shipped.",
    "The number 1234567890123456 is an example.",
    "sk-learn is a library, sk-8 a form.",
    "ghp is a prefix; AKIA is too.",
    "Bearer token is sent in the header.",
    "ISBN 978-3-16-148410-0",
    "IBAN DE89 3704 0044 0532 0130 00",
    "pi is 3.14159265358979323846",
    "Serial BP-200-4111-22",
    "eyJ is how base64 JSON starts.",
]
SECRETS = [
    "sk-proj-Ab12Cd34Ef56Gh78Ij90Kl12Mn34",
    "sk-ant-api03-Ab12Cd34Ef56Gh78Ij90Kl12",
    "AKIAIOSFODNN7EXAMPLE",
    "ghp_" + "a1B2" * 9,
    "github_pat_" + "A1b2_" * 6,
    "glpat-" + "x1Y2" * 5,
    "xoxb-123456789012-abcdefghijkl",
    "AIza" + "Sy-1_" * 7,
    "sk_live_" + "a1B2" * 6,
    "hf_" + "aB" * 17,
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abcDEF123456_-x",
    "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nxyz==\n-----END RSA PRIVATE KEY-----",
]
CARDS = ["4111 1111 1111 1111", "5500-0055-5555-5559", "378282246310005", "6011111111111117"]


@pytest.mark.parametrize("text", BENIGN)
def test_benign_text_is_untouched(text: str) -> None:
    assert redacted(text) == text
    assert streamed(text, list(range(len(text)))) == text


@pytest.mark.parametrize("secret", SECRETS)
def test_real_keys_are_redacted(secret: str) -> None:
    assert redacted(f"Use {secret} here, please.") == f"Use {KEY} here, please."


IDENTIFIERS = [
    "078-05-1120", "AB123456C",
    "12345678Z", "X1234567L", "RSSMRA85T10A562S", "86095742719", "86 095 742 719", "255081416802538",
    "2 55 08 14 168 025 38",
]  # fmt: skip
LIKE_THEM = [
    "000-12-3456", "GB123456C", "12345678A", "RSSMRA85T10A562T", "86095742718",
    "255081416802539", "12345678901", "2024-10-11", "EN 12 345 678",
]  # fmt: skip


@pytest.mark.parametrize("number", IDENTIFIERS)
def test_numbers_of_people_are_redacted(number: str) -> None:
    assert redacted(f"It is {number}, thanks.") == f"It is {NUMBER}, thanks."
    assert streamed(f"It is {number}, thanks.", list(range(60))) == f"It is {NUMBER}, thanks."


@pytest.mark.parametrize("number", LIKE_THEM)
def test_numbers_whose_check_does_not_hold_stay(number: str) -> None:
    assert redacted(f"It is {number}, thanks.") == f"It is {number}, thanks."


@pytest.mark.parametrize("said", ["my password: hunter2 does not work", "Passwort = geheim99", "PWD:abcd"])
def test_a_password_that_is_given_away_is_flagged(said: str) -> None:
    assert Moderation(flagged=["merger"]).screen(said).flagged == ("password",)


@pytest.mark.parametrize(
    "said", ["How do I reset my password?", "password: ?", "The password expires: see below"]
)
def test_a_question_about_passwords_is_not(said: str) -> None:
    assert Moderation().screen(said).flagged == ()


@pytest.mark.parametrize("card", CARDS)
def test_card_numbers_are_redacted_when_the_check_digit_holds(card: str) -> None:
    assert redacted(f"My card is {card}, thanks.") == f"My card is {CARD}, thanks."
    wrong = card[:-1] + str((int(card[-1]) + 1) % 10)
    assert redacted(f"My card is {wrong}, thanks.") == f"My card is {wrong}, thanks."


def streamed(text: str, cuts: list[int]) -> str:
    redactor = OutputRedactor()
    edges = [0, *sorted({cut % (len(text) + 1) for cut in cuts}), len(text)]
    pieces = [redactor.feed(text[a:b]) for a, b in pairwise(edges)]
    return "".join([*pieces, redactor.flush()])


PARTS = st.sampled_from(
    [
        *SECRETS,
        *CARDS,
        " ",
        ", ",
        "\n",
        "word",
        "12",
        "sk-",
        "-----BEGIN",
        "a-b ",
        "4111 ",
        "ta",
        ".",
        "é",
        "e",
        "S",
    ]
)


@pytest.mark.parametrize("secret", SECRETS)
def test_every_secret_is_held_back_from_its_first_character(secret: str) -> None:
    redactor = OutputRedactor()
    assert "".join(redactor.feed(character) for character in f"the {secret}") == "the "
    assert redactor.flush() == KEY


def test_words_that_can_become_no_secret_are_passed_on_at_once() -> None:
    redactor = OutputRedactor()
    assert [redactor.feed(piece) for piece in ("Hold", " the", " but", "ton.")] == [
        "Hold",
        " the",
        " but",
        "ton.",
    ]


@settings(max_examples=300)
@given(
    st.one_of(st.lists(PARTS, max_size=12).map(" ".join), st.lists(PARTS, max_size=8).map("".join)),
    st.lists(st.integers(0, 2000), max_size=15),
)
def test_a_stream_is_redacted_as_the_whole_text_is(text: str, cuts: list[int]) -> None:
    assert streamed(text, cuts) == redacted(text)


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "unit", ["1", "1 ", "sk-", "-", "a", "eyJ", "eyJabcdefghi.", "-----BEGIN PRIVATE KEY-----", "4111 "]
)
def test_hostile_text_of_50_kb_takes_linear_time(unit: str) -> None:
    text = unit * (50_000 // len(unit))
    redacted(text)
    streamed(text, list(range(0, len(text), 7)))


def test_configured_words_are_found_as_whole_words_in_any_case() -> None:
    screened = Moderation(flagged=["merger"], blocked=["project neptune"]).screen(
        "Is Project Neptune a MERGER?"
    )
    assert screened.flagged == ("merger",)
    assert screened.blocked == ("project neptune",)
    assert Moderation(blocked=["ass"]).screen("A class assignment").blocked == ()


SWORD = Moderation(blocked=["swordfish", "red key"], flagged=["merger"])


def moderated(retriever: Retriever, *chunks: str) -> Answerer:
    model = ScriptedChatModel(script=[Reply(chunks=chunks)])
    return Answerer(retriever=retriever, model=model, model_name="scripted", moderation=SWORD)


@pytest.mark.parametrize("options", [OPTIONS, STRICT])
async def test_a_blocked_word_of_a_model_is_never_said(retriever: Retriever, options: AnswerOptions) -> None:
    events = await ask(moderated(retriever, "The word is Sword", "fish", " today. More."), options=options)
    done = end(events)
    assert done.finish == "blocked"
    assert done.refusal is not None
    assert done.refusal.reason == "blocked"
    assert "sword" not in "".join(event.token for event in events if isinstance(event, Token)).lower()
    assert "More" not in done.response
    assert done.response == "".join(event.token for event in events if isinstance(event, Token))


async def test_a_flagged_word_of_a_model_is_said_and_told(retriever: Retriever) -> None:
    events = await ask(moderated(retriever, "The mer", "ger is in May. It is big."))
    assert [event.detail for event in events if isinstance(event, Step) and event.name == "moderation"] == [
        "flagged: merger"
    ]
    assert end(events).response == "The merger is in May. It is big."
