"""Rows that nobody counted are no answer to "how many"; a number that a row or a sentence states is one."""

from pathlib import Path

import pytest
from asking import ask, end

from ingest.run import ingest
from ragchat.answering.answer import Answerer
from ragchat.answering.refusing.counting import asks_for_all, asks_over_everything, only_listed
from ragchat.corpus.local.store import LocalStore
from ragchat.language.detection import language_of_question
from ragchat.models.cross_encoder import CrossEncoder
from ragchat.models.minilm import MiniLMEmbedder
from ragchat.retrieval.search import Retriever

CODES = [
    "code: E01; meaning: Plug open; fix: Tighten it",
    "code: E02; meaning: Plug wet; fix: Dry it for 24 hours",
]
MONTHS = ["month: 2025-01; tickets_opened: 612; tickets_closed: 598"]
PLANS = ["plan: Ketch; seats: 25; price_eur: 49"]
ROWS = ["| E01 | Plug open |", "| E02 | Plug wet |"]


@pytest.mark.parametrize(
    ("question", "quoted"),
    [
        ("How many error codes are there?", CODES),
        ("What is the number of error codes?", CODES),
        ("Wie viele Fehlercodes gibt es?", CODES),
        ("How many error codes are there?", ROWS),
        ("How many error codes are there?", [*CODES, "| E03 | Plug gone |"]),
        ("How many plans are there?", PLANS),
    ],
)
def test_rows_that_state_no_number_are_only_a_list(question: str, quoted: list[str]) -> None:
    assert only_listed(question, quoted, language_of_question(question, "en"))


@pytest.mark.parametrize(
    ("question", "quoted"),
    [
        ("How many tickets were opened in January?", MONTHS),
        ("How many hours must the plug dry?", CODES[1:]),
        ("How many people can use the Ketch?", PLANS),
        ("How many users has the Skiff?", ["| Skiff | 19 | 5 |"]),
        ("How many days of leave do I get?", ["Every employee has 28 days of paid leave a year."]),
        ("How many error codes are there?", ["There are two error codes.", CODES[0]]),
        ("What does E02 mean?", CODES),
        ("How many error codes are there?", []),
    ],
)
def test_a_stated_number_is_an_answer(question: str, quoted: list[str]) -> None:
    assert not only_listed(question, quoted)


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("How many documents are there?", "en"),
        ("How many tickets mention the gateway?", "en"),
        ("How many documents do you have?", "en"),
        ("Wie viele Dokumente gibt es?", "de"),
        ("Combien de documents y a-t-il ?", "fr"),
        ("¿Cuántos documentos hay?", "es"),
        ("Quanti documenti ci sono?", "it"),
        ("Hoeveel documenten zijn er?", "nl"),
        ("Quantos documentos há?", "pt"),
    ],
)
def test_a_count_over_the_collection_is_told_in_every_language(question: str, language: str) -> None:
    assert asks_over_everything(question, language)


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("List all customers", "en"),
        ("Give me a complete list of the error codes", "en"),
        ("Nenne mir alle Tarife", "de"),
        ("Donnez-moi une liste complète des tarifs", "fr"),
        ("Enumera todos los planes", "es"),
        ("Elenca tutti i piani", "it"),
        ("Noem alle tarieven", "nl"),
        ("Liste todos os planos", "pt"),
    ],
)
def test_a_wish_for_all_of_something_is_told_in_every_language(question: str, language: str) -> None:
    assert asks_for_all(question, language)
    assert not asks_over_everything(question, language)


@pytest.mark.parametrize(
    "question",
    [
        "How many days of leave do I have?",
        "Which plan allows all features?",
        "How many vacation days do employees get?",
        "How many batteries does a T3 need?",
        "How many tickets were opened in August 2025?",
    ],
)
def test_other_questions_for_a_number_are_questions_like_any_other(question: str) -> None:
    assert not asks_over_everything(question, "en")
    assert not asks_for_all(question, "en")


CSV = """code,device,meaning,first_action
E01,T3,Probe circuit open,Tighten the plug
E02,T3,Probe short circuit,Dry the plug for 24 hours
E03,T1,Reading out of range,Use another device
E04,T3,Memory full,Read out the memory
"""
PAGE = (
    "# Leave\n\nEvery employee has 28 days of paid annual leave a year. Leave is asked for in the portal.\n"
)


async def test_counting_the_rows_of_a_file_is_refused_as_aggregate(
    embedder: MiniLMEmbedder, reader: CrossEncoder, tmp_path: Path
) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "error-codes.csv").write_text(CSV, "utf-8")
    (tmp_path / "docs" / "leave.md").write_text(PAGE, "utf-8")
    home = LocalStore(tmp_path / "index")
    ingest([tmp_path / "docs"], home, embedder)
    with home.open(embedder=embedder.spec) as generation:
        answerer = Answerer(retriever=Retriever(generation, embedder, reader))
        counted = end(await ask(answerer, "How many error codes are there?"))
        stated = end(await ask(answerer, "How many days of leave do I get?"))
        named = end(await ask(answerer, "What does error code E02 mean?"))
    assert counted.refusal is not None
    assert counted.refusal.reason == "aggregate"
    assert "28 days" in stated.response
    assert "Probe short circuit" in named.response
