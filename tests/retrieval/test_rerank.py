"""Second opinions on the best chunks."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from ragchat.errors import NotReady, UpstreamFailed, UsageError
from ragchat.models.other_rerankers import ChatModelReranker
from ragchat.models.reranker import load_reranker
from ragchat.models.scripted import Reply, ScriptedChatModel
from ragchat.retrieval.search import Retriever, SearchOptions
from ragchat.retrieval.second_reader import GRADE_WEIGHT


@dataclass(frozen=True)
class Prefers:
    """Scores a text by whether it holds a word."""

    word: str
    name: str = "test"

    def scores(self, query: str, texts: Sequence[str]) -> Sequence[float]:
        return [float(self.word in text) for text in texts]


@dataclass(frozen=True)
class Listening:
    """Keeps what it is asked."""

    queries: list[str] = field(default_factory=list)
    name: str = "listening"

    def scores(self, query: str, texts: Sequence[str]) -> Sequence[float]:
        self.queries.append(query)
        return [0.0] * len(texts)


@dataclass(frozen=True)
class Broken:
    name: str = "broken"

    def scores(self, query: str, texts: Sequence[str]) -> Sequence[float]:
        return [1.0]


def test_the_reranker_decides_the_order_and_is_explained(retriever: Retriever) -> None:
    plain = retriever.search("When do cats hunt?")
    again = Retriever(retriever.snapshot, retriever.embedder, Prefers("thirty days")).search(
        "When do cats hunt?"
    )

    assert plain[0].document.title == "Cats"
    assert again[0].explanation["grade"] in (0.0, 1.0)
    assert "grade" not in plain[0].explanation
    places = [passage.document.title for passage in again].index("Holidays")
    assert places < [passage.document.title for passage in plain].index("Holidays")


def test_grades_are_blended_with_the_search(retriever: Retriever) -> None:
    found = Retriever(retriever.snapshot, retriever.embedder, Prefers("thirty days")).retrieve(
        "When do cats hunt?", SearchOptions()
    )
    best = {passage.document.title: passage.explanation["relative"] for passage in found.passages}
    assert best["Holidays"] >= GRADE_WEIGHT
    assert 0.0 < best["Cats"] <= 1.0 - GRADE_WEIGHT


def test_units_carry_the_grade_of_what_was_read(retriever: Retriever) -> None:
    found = Retriever(retriever.snapshot, retriever.embedder, Prefers("dawn")).retrieve(
        "When do cats hunt?", SearchOptions()
    )
    graded = {unit.text: unit.grade for unit in found.units if unit.grade is not None}
    assert any("dawn" in text and grade == 1.0 for text, grade in graded.items())
    assert all(grade == 0.0 for text, grade in graded.items() if "dawn" not in text)


def test_a_search_may_do_without_the_second_reader(retriever: Retriever) -> None:
    heard = Listening()
    quick = Retriever(retriever.snapshot, retriever.embedder, heard)
    found = quick.search("When do cats hunt?", SearchOptions(rerank=False))
    assert not heard.queries
    assert found[0].document.title == "Cats"


def test_a_follow_up_is_graded_by_its_own_words_first_and_the_best_two_of_what_it_follows(
    retriever: Retriever,
) -> None:
    heard = Listening()
    reranking = Retriever(retriever.snapshot, retriever.embedder, heard)

    reranking.search("And dogs?", SearchOptions(context="hunt night cats garden"))
    reranking.search("When do cats hunt?")

    assert heard.queries == ["And dogs? hunt night", "When do cats hunt?"]


def test_a_wrong_number_of_scores_is_an_upstream_failure(retriever: Retriever) -> None:
    with pytest.raises(UpstreamFailed, match="broken"):
        Retriever(retriever.snapshot, retriever.embedder, Broken()).search("plan")


def test_a_chat_model_grades_passages_in_one_call() -> None:
    model = ScriptedChatModel(script=["1: 2\n[2]: 9.5\n4: 99\n"])

    grades = ChatModelReranker(model).scores("Which?", ["a", "b", "c", "d"])

    assert list(grades) == [2.0, 9.5, 0.0, 10.0]
    assert "[4] d" in str(model.requests[0])


def test_a_chat_model_that_gives_no_grades_is_an_upstream_failure() -> None:
    with pytest.raises(UpstreamFailed, match="no grades"):
        ChatModelReranker(ScriptedChatModel(script=["I cannot say."])).scores("Which?", ["a"])


def test_the_chat_model_is_the_reranker_called_llm(retriever: Retriever) -> None:
    graded = ScriptedChatModel(script=["1: 0\n2: 0\n3: 10\n"])
    plain = retriever.search("When do cats hunt?")
    again = Retriever(retriever.snapshot, retriever.embedder, load_reranker("llm", graded)).search(
        "When do cats hunt?"
    )

    assert max(passage.explanation.get("grade", 0.0) for passage in again) == 10.0
    assert [p.document.id for p in again] != [p.document.id for p in plain]
    assert "When do cats hunt?" in str(graded.requests[0])


def test_the_reranker_called_llm_needs_a_chat_model() -> None:
    with pytest.raises(UsageError, match="chat model") as caught:
        load_reranker("llm")
    assert "RAGCHAT_CHAT_MODEL" in str(caught.value.hint)


def test_a_provider_that_fails_is_an_upstream_failure_that_names_the_reranker(retriever: Retriever) -> None:
    model = ScriptedChatModel(script=[Reply(error=ConnectionError("secret text of the provider"))])

    with pytest.raises(UpstreamFailed, match="llm") as caught:
        Retriever(retriever.snapshot, retriever.embedder, load_reranker("llm", model)).search("plan")
    assert "secret" not in str(caught.value)


def test_names_are_checked_and_missing_packages_named() -> None:
    with pytest.raises(UsageError, match="no-such"):
        load_reranker("no-such:thing")
    with pytest.raises((NotReady, UsageError), match="fastembed"):
        load_reranker("fastembed:no/such-model")


@pytest.mark.parametrize(
    "reply", ["\n" * 200_000 + "x", "9" * 9000 + ": 9", "1: " + " " * 200_000, "9:x" * 100_000]
)
def test_a_hostile_reply_gives_no_grades_and_takes_no_time(reply: str) -> None:
    with pytest.raises(UpstreamFailed, match="no grades"):
        ChatModelReranker(ScriptedChatModel(script=[reply])).scores("question", ["one", "two"])
