"""What one question is worth: document names, golden answers, sentences and citations, the verdict."""

import pytest
from eval_examples import TEXTS, citation, passage

from ragchat.evaluation.metrics import Stretch
from ragchat.evaluation.questions import Evidence, Question
from ragchat.evaluation.scoring import (
    GivenAnswer,
    answer_measures,
    contains_any,
    document_names,
    retrieval_measures,
    verdict,
)

CITES_SHIPPING = GivenAnswer("answered", "Free.", cited=(Stretch("export.jsonl#shipping", 35, 66),))
REFERENCE = (
    "When the value of the goods in one parcel is above fifty euros we charge nothing at all for sending it."
)


def test_a_document_answers_to_its_key_and_a_jsonl_line_also_to_its_id() -> None:
    assert document_names("guide/setup.md") == ("guide/setup.md",)
    assert document_names("wiki.jsonl#https://a.example/b#c") == (
        "wiki.jsonl#https://a.example/b#c",
        "https://a.example/b#c",
    )


def test_ranks_count_distinct_documents_in_order() -> None:
    question = Question("q", "?", evidence=(Evidence("shipping"), Evidence("returns.md")))
    ranking = ["warranty.md", "warranty.md", "export.jsonl#shipping", "warranty.md", "returns.md"]
    measures = retrieval_measures(question, ranking, [])
    assert (measures["recall_at_1"], measures["recall_at_3"], measures["mrr_at_10"]) == (0, 1, 1 / 2)


def test_spans_are_measured_only_where_every_evidence_has_one() -> None:
    both = (Evidence("warranty.md", 4, 12), Evidence("returns.md"))
    found = [passage("warranty.md")]
    assert "span_recall" not in retrieval_measures(Question("q", "?", evidence=both), ["warranty.md"], found)
    measures = retrieval_measures(Question("q", "?", evidence=both[:1]), ["warranty.md"], found)
    assert measures["span_recall"] == 1
    assert measures["span_precision"] == pytest.approx(8 / len(TEXTS["warranty.md"]))


def test_an_unanswerable_question_and_one_without_evidence_measure_no_retrieval() -> None:
    assert retrieval_measures(Question("q", "?", answerable=False), ["warranty.md"], []) == {}
    assert retrieval_measures(Question("q", "?"), ["warranty.md"], []) == {}


@pytest.mark.parametrize(
    ("answer", "golden", "stands"),
    [
        ("The warranty lasts Two  Years.", "two years", True),
        ("It costs $10,000 a year", "10,000", True),
        ("a well-known, state-of-the-art tool", "State of the art", True),
        ("Founded in 1955.", "5", False),
        ("They are Normans", "Norman", False),
        ("保修期为两年。", "两年", True),
        ("ﬁne print", "fine", True),
        ("anything", "!?", False),
        ("No.", "yes", False),
    ],
)
def test_a_golden_answer_stands_in_the_answer_as_whole_words(answer: str, golden: str, stands: bool) -> None:
    assert contains_any(answer, ["never said", golden]) is stands


def test_sentences_are_counted_with_their_citations() -> None:
    response = "The warranty lasts two years. [1] Batteries cost extra. Nobody knows why."
    cited = (
        citation("warranty.md", "The warranty lasts two years.", response, "The warranty lasts two years."),
        citation("warranty.md", "Batteries are excluded.", response, "Batteries cost extra.", verified=False),
    )
    measures = answer_measures(Question("q", "?"), GivenAnswer("answered", response, cited))
    assert (measures["sentences"], measures["cited"], measures["verified"]) == (3, 2, 1)


def test_a_refusal_has_no_words_no_sentences_and_contains_nothing() -> None:
    question = Question("q", "?", answers=("two years",))
    measures = answer_measures(question, GivenAnswer("refused", "I cannot say more than two years."))
    assert measures == {"false_refusal": 1, "contained": 0}


def test_a_failed_answer_is_neither_a_refusal_nor_an_answer() -> None:
    failed = GivenAnswer("failed", "", reason="upstream_failed")
    assert answer_measures(Question("q", "?", answerable=False), failed) == {}
    assert answer_measures(Question("q", "?", answers=("x",)), failed) == {"contained": 0}


@pytest.mark.parametrize(
    ("question", "answer", "expected"),
    [
        (Question("q", "?", answers=("two years",)), GivenAnswer("answered", "Two years."), "right"),
        (Question("q", "?", answers=("two years",)), GivenAnswer("answered", "A month."), "wrong"),
        (Question("q", "?", answers=("two years",)), GivenAnswer("refused", "No."), "false_refusal"),
        (Question("q", "?", answerable=False), GivenAnswer("blocked", "No."), "refused"),
        (Question("q", "?", answerable=False), GivenAnswer("incomplete", "Well"), "false_answer"),
        (Question("q", "?", answerable=False), GivenAnswer("failed", ""), "failed"),
        (Question("q", "?", evidence=(Evidence("shipping"),)), CITES_SHIPPING, "right"),
        (Question("q", "?", evidence=(Evidence("returns.md"),)), CITES_SHIPPING, "wrong"),
        (Question("q", "?", evidence=(Evidence("shipping", 30, 50),)), CITES_SHIPPING, "right"),
        (Question("q", "?", evidence=(Evidence("shipping", 0, 30),)), CITES_SHIPPING, "wrong"),
        (Question("q", "?", evidence=(Evidence("shipping"),), answers=(REFERENCE,)), CITES_SHIPPING, "right"),
        (Question("q", "?"), GivenAnswer("answered", "Free."), "unscored"),
    ],
)
def test_the_verdict_of_an_answer(question: Question, answer: GivenAnswer, expected: str) -> None:
    assert verdict(question, answer_measures(question, answer), answer) == expected


@pytest.mark.parametrize(
    ("recall", "expected"), [(1.0, "found"), (0.5, "partly_found"), (0.0, "missed"), (None, "unscored")]
)
def test_the_verdict_of_a_search(recall: float | None, expected: str) -> None:
    measures = {} if recall is None else {"recall_at_5": recall}
    assert verdict(Question("q", "?"), measures, None) == expected
