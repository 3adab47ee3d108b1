"""The golden questions of the sample: enough of each kind, and every span holds a gold answer."""

import json
import re
from pathlib import Path
from typing import TypedDict

import pytest


class Evidence(TypedDict):
    document_id: str
    start: int
    end: int


class Golden(TypedDict):
    id: str
    question: str
    answerable: bool
    evidence: list[Evidence]
    answers: list[str]


@pytest.fixture(scope="session")
def golden() -> list[Golden]:
    lines = (
        (Path(__file__).resolve().parents[2] / "bench" / "sample_questions.jsonl")
        .read_text("utf-8")
        .splitlines()
    )
    return [json.loads(line) for line in lines]


def folded(text: str) -> str:
    """Case and punctuation away, as `ragchat eval` compares answers."""
    return " ".join(re.sub(r"[^\w]+", " ", text.casefold()).split())


def test_there_are_enough_questions_of_both_kinds(golden: list[Golden]) -> None:
    assert len(golden) >= 70
    assert sum(not question["answerable"] for question in golden) >= 16
    assert len({question["id"] for question in golden}) == len(golden)


def test_answerable_questions_have_evidence_and_others_none(golden: list[Golden]) -> None:
    for question in golden:
        assert bool(question["evidence"]) == bool(question["answers"]) == question["answerable"], question[
            "id"
        ]


def test_a_gold_answer_stands_in_the_evidence(golden: list[Golden], texts: dict[str, str]) -> None:
    for question in filter(lambda one: one["answerable"], golden):
        spans = [texts[item["document_id"]][item["start"] : item["end"]] for item in question["evidence"]]
        quoted = [folded(span) for span in spans]
        assert any(folded(answer) in quote for answer in question["answers"] for quote in quoted), question[
            "id"
        ]


def test_evidence_is_a_sentence_or_a_row_and_not_a_page(golden: list[Golden]) -> None:
    lengths = [item["end"] - item["start"] for question in golden for item in question["evidence"]]
    assert min(lengths) > 5
    assert max(lengths) <= 450


def test_every_format_is_asked_about(golden: list[Golden]) -> None:
    asked = {item["document_id"] for question in golden for item in question["evidence"]}
    assert len(asked) >= 30
    for ending in (".md", ".html", ".pdf", ".docx", ".csv"):
        assert any(key.endswith(ending) for key in asked), ending
    assert any(key.startswith("KB-") for key in asked)
