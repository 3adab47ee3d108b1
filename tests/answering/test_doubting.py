"""What a quote lacks of the question is told by the reader's grade without it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from ragchat.answering.answer import Answerer
from ragchat.answering.refusing.doubting import NONE, SURE_ANYWAY, Asked, Doubt, Read, doubt_of, less_sure
from ragchat.models.cross_encoder import CrossEncoder
from ragchat.models.reranker import LOCAL
from ragchat.retrieval.search import Retriever
from tests.answering.asking import BACKUPS, ask, end

LEAVE = "Annual leave\nEvery employee of Harbour Tools has 28 days of paid annual leave a year."


@dataclass
class Counted:
    """The shipped reader under its name, and the questions that it read."""

    reader: CrossEncoder
    asked: list[str] = field(default_factory=list)
    name: str = LOCAL

    def scores(self, query: str, texts: Sequence[str]) -> Sequence[float]:
        self.asked.append(query)
        return self.reader.scores(query, texts)


def doubt(reader: CrossEncoder, question: str, topic: Sequence[str], text: str = LEAVE) -> Doubt:
    grade = reader.scores(question, [text])[0]
    return doubt_of(Asked(question, topic, "en"), text, Read(text, grade), reader)


def test_a_condition_that_stands_nowhere_is_doubted(reader: CrossEncoder) -> None:
    found = doubt(reader, "how many days of annual leave in Portugal?", ["portug", "leav", "annual", "day"])
    assert found.word == "Portugal?"
    assert found.gain > 1


def test_words_that_are_said_otherwise_are_not(reader: CrossEncoder) -> None:
    found = doubt(reader, "how much vacation is there at Harbour Tools", ["vacat", "harbour", "tool"])
    assert found == Doubt(0.0, "vacation")


def test_a_quote_that_holds_every_word_is_not_read_again(reader: CrossEncoder) -> None:
    counted = Counted(reader)
    asked = Asked("days of annual leave a year", ["annual", "leav", "day", "year"], "en")
    assert doubt_of(asked, LEAVE, Read(LEAVE, 5.0), counted) == NONE
    assert doubt_of(Asked("Portugal?", ["portug"], "en"), LEAVE, Read(LEAVE, 5.0), counted) == NONE, (
        "nothing is left"
    )
    assert counted.asked == []


def test_only_the_rarest_word_is_left_out(reader: CrossEncoder) -> None:
    counted = Counted(reader)
    doubt_of(
        Asked("annual leave for interns in Portugal", ["portug", "intern"], "en"),
        LEAVE,
        Read(LEAVE, 1.0),
        counted,
    )
    assert counted.asked == ["annual leave for interns in"]


def test_grades_of_another_reader_say_nothing(reader: CrossEncoder) -> None:
    other = Counted(reader, name="fastembed:other")
    assert doubt_of(Asked("leave in Portugal", ["portug"], "en"), LEAVE, Read(LEAVE, 1.0), other) == NONE


@pytest.mark.parametrize("sure", [0.05, 0.5, 0.95])
def test_the_greater_the_doubt_the_less_sure(sure: float) -> None:
    assert less_sure(sure, NONE) == sure
    falling = [less_sure(sure, Doubt(gain, "word")) for gain in (0.0, 0.5, 2.0, 8.0)]
    assert falling == sorted(falling, reverse=True)
    assert 0 < falling[-1] < falling[0]


def over(retriever: Retriever, reader: CrossEncoder) -> tuple[Answerer, Counted]:
    counted = Counted(reader)
    return Answerer(retriever=Retriever(retriever.snapshot, retriever.embedder, counted)), counted


async def test_an_answer_without_the_condition_asked_for_is_none(
    retriever: Retriever, reader: CrossEncoder
) -> None:
    answerer, counted = over(retriever, reader)
    plain = end(await ask(answerer, "days of annual leave"))
    assert (plain.finish, "28 days" in plain.response) == ("answered", True)
    counted.asked.clear()
    abroad = end(await ask(answerer, "days of annual leave in Portugal"))
    assert abroad.finish == "refused"
    assert abroad.refusal is not None
    assert abroad.refusal.missing == ("Portugal",)
    assert "Nothing about “Portugal”." in abroad.response
    assert len(set(counted.asked)) == 2


async def test_who_is_sure_anyway_does_not_doubt(retriever: Retriever, reader: CrossEncoder) -> None:
    answerer, counted = over(retriever, reader)
    assert answerer.sureness(BACKUPS) > SURE_ANYWAY
    assert set(counted.asked) == {BACKUPS}
