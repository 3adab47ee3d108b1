"""Text made to keep a pattern busy: 50 kB of it, from a person, a document or a model, takes time linear in its length.

A pattern that goes back over what it has read needs minutes or hours for these; the limit of a minute tells them apart.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.extract.markdown.blocks import markdown_blocks
from ragchat.answering.grounding.facts import facts_of
from ragchat.answering.grounding.figures import figures_of
from ragchat.answering.moderating.secrets import redacted
from ragchat.answering.moderating.stream import OutputRedactor
from ragchat.answering.moderating.words import Moderation
from ragchat.answering.question.asked import asked, of_another, other_year
from ragchat.answering.question.follow_up import FollowUp, follow_up, needs_history
from ragchat.answering.question.kinds import kinds_of
from ragchat.answering.question.question import Question
from ragchat.answering.question.smalltalk import reply_to, without_courtesy
from ragchat.answering.refusing.counting import asks_for_all, asks_over_everything, only_listed
from ragchat.answering.refusing.missing import missing_in
from ragchat.answering.request import Turn
from ragchat.answering.writing.markers import MarkerScanner, addresses_in
from ragchat.answering.writing.prompt import tokens_in
from ragchat.answering.writing.sentences import Part, SentenceEnd, SentenceStream, Words
from ragchat.retrieval.scoring.rarity import Rarity

SIZE = 50_000
UNITS = [
    "a", "a ", ".", ". ", "1 ", "1,", "-", "- ", "thanks. ", "please ", "hi, ", "how many different documents ",
    "list all ", "a'", "[", "[1", "[1,", "]( ", "`", "```", "\n", "\n\n", " ", "<", "<a ", "http:", "https://a.b/",
    "www.", "sk-", "4111 ", "-----BEGIN", "eyJaaaaaaaa.", "\\", "【", "![", "|", "| a ", "not ", "Mr. ", "U.S. ",
    "1) ", "\u4e00", "EUR 1 ", "( -1", "20-19 ", "what is ", "how much is ", "what does ", "$", "E", "E-", "A B ",
    "a: b; ", "**a", "2024 ", "how many ",
]  # fmt: skip

WHOLE: dict[str, Callable[[str], object]] = {
    "small talk": reply_to,
    "courtesy": without_courtesy,
    "everything": lambda text: asks_over_everything(text, "en"),
    "all": lambda text: asks_for_all(text, "en"),
    "stands alone": lambda text: needs_history(text, [Turn("user", "x")]),
    "follow-up": lambda text: follow_up("and it?", [Turn("user", text)]),
    "redaction": redacted,
    "words": Moderation(flagged=["a", "b c"], blocked=["x y"]).screen,
    "facts": facts_of,
    "figures": figures_of,
    "addresses": addresses_in,
    "tokens": tokens_in,
    "what is asked": asked,
    "kinds of a question": lambda text: kinds_of(text, "en"),
    "missing": lambda text: missing_in(Question(text, FollowUp(text), "en"), Rarity({}, 1.0, 2.0), [text]),
    "counting": lambda text: only_listed(text, ["code: E02; meaning: wet"]),
    "a counted row": lambda text: only_listed("How many codes?", [f"code: E02; meaning: {text}", f"|{text}"]),
    "siblings": lambda text: of_another(asked("What is E02?"), [text]),
    "years": lambda text: other_year(asked("What was sold in 2024?"), text, text),
    "blocks": lambda text: markdown_blocks(text),
}
STREAMED: dict[str, Callable[[], Callable[[str], object]]] = {
    "markers": lambda: MarkerScanner().feed,
    "redaction": lambda: OutputRedactor().feed,
    "sentences": lambda: lambda piece, stream=SentenceStream(): list(stream.feed(piece)),  # type: ignore[misc]
}


def hostile(unit: str) -> str:
    return (unit * (SIZE // len(unit) + 1))[:SIZE] + "x"


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", WHOLE)
def test_a_whole_text_is_read_in_linear_time(name: str) -> None:
    for unit in UNITS:
        WHOLE[name](hostile(unit))


@pytest.mark.timeout(180)
@pytest.mark.parametrize("name", STREAMED)
def test_a_stream_is_read_in_linear_time(name: str) -> None:
    for unit in UNITS:
        text, feed = hostile(unit), STREAMED[name]()
        for at in range(0, len(text), 11):
            feed(text[at : at + 11])


PARTS = st.sampled_from(
    ["Backups run.", " ", "\n", "\n\n", "Dr. Who", "No. 5", "- item", "e.g. ", "。", "備份保存", "U.S.", "```", "|a|b|",
     "word", "x" * 1200]
)  # fmt: skip


class Thorough(SentenceStream):
    """Looks at all that is not yet cut for every piece."""

    def _goes_on(self) -> bool:
        return False


class Patient(Thorough):
    """Waits until every word is over."""

    def _begun_word(self) -> Iterator[Part]:
        return iter(())


def told(pieces: Iterable[str], kind: type[SentenceStream] = SentenceStream) -> tuple[str, list[str]]:
    """The words passed on, and the sentences that ended."""
    stream = kind()
    parts = [part for piece in pieces for part in stream.feed(piece)]
    parts += stream.flush()
    return (
        "".join(part.text for part in parts if isinstance(part, Words)),
        [part.text for part in parts if isinstance(part, SentenceEnd)],
    )


@given(st.lists(PARTS, max_size=14).map("".join), st.lists(st.integers(0, 4000), max_size=12))
def test_no_word_of_a_stream_is_lost_however_it_was_cut(text: str, cuts: list[int]) -> None:
    edges = [0, *sorted({cut % (len(text) + 1) for cut in cuts}), len(text)]
    words, sentences = told(text[a:b] for a, b in pairwise(edges))
    assert words == text.rstrip()
    assert "".join("".join(sentences).split()) == "".join(text.split())


PROSE = st.lists(
    st.sampled_from(
        ["Backups run", " daily", ". ", "Dr. ", "No. 5", "3.5", " (e.g. ", "he said \"no.\" ", "! ", " | ", "- ", "1. ",
         "U.S. ", "Then ", "then ", "x" * 90, "。", "`a.b`", ": ", "\n", "é "]
    ),
    max_size=20,
).map("".join)  # fmt: skip


@settings(max_examples=400)
@given(PROSE, st.lists(st.integers(0, 400), max_size=40))
def test_what_is_passed_on_at_once_changes_no_sentence(text: str, cuts: list[int]) -> None:
    edges = [0, *sorted({cut % (len(text) + 1) for cut in cuts}), len(text)]
    pieces = [text[a:b] for a, b in pairwise(edges)]
    assert told(pieces) == told(pieces, Thorough)


@settings(max_examples=400)
@given(PROSE, st.lists(st.integers(0, 400), max_size=40))
def test_a_word_that_is_passed_on_at_its_first_letter_changes_no_sentence(text: str, cuts: list[int]) -> None:
    # A bar makes a row, a line of signs a title of all that stands before it, whenever it comes.
    text = text.replace(" | ", " ").replace("\n", " ")
    edges = [0, *sorted({cut % (len(text) + 1) for cut in cuts}), len(text)]
    pieces = [text[a:b] for a, b in pairwise(edges)]
    assert told(pieces) == told(pieces, Patient)


def test_words_are_held_back_only_where_their_sentence_is_not_known() -> None:
    stream = SentenceStream()
    told_of = [list(stream.feed(piece)) for piece in ("Hold", " the", " but", "ton.", " Th", "en")]
    end = SentenceEnd("Hold the button.", ())
    assert told_of == [
        [Words("Hold")], [Words(" the")], [Words(" but")], [Words("ton.")], [end, Words(" Th")], [Words("en")]
    ]  # fmt: skip


@pytest.mark.parametrize("after", [" Treasury", ' "', " then", "\nThen", " -"])
def test_a_word_waits_where_only_the_whole_of_it_tells(after: str) -> None:
    stream = SentenceStream()
    assert list(stream.feed("It is the U.S.")) == [Words("It is the U.S.")]
    assert list(stream.feed(after)) == []


def test_no_gap_of_an_even_stream_is_of_two_tokens() -> None:
    stream = SentenceStream()
    tokens = re.findall(
        r"\s*\S+", "Hold the button. Then let it go and wait: it restarts. Is the light green? Good."
    )
    assert all(any(isinstance(part, Words) for part in stream.feed(token)) for token in tokens)


def test_sentences_without_blanks_are_passed_on_as_they_come() -> None:
    stream = SentenceStream()
    first = [part for character in "備份保存三十五天。下一句" for part in stream.feed(character)]
    assert SentenceEnd("備份保存三十五天。", ()) in first
