"""A gate lets a candidate through only when every requirement holds."""

import json
from pathlib import Path

import pytest
from eval_examples import ScriptedRespondent, WordSearcher, refused

from ragchat.errors import PublishRefused, UsageError
from ragchat.evaluation.gating.gate import gate, gate_requirements


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    lines = [
        {"id": "w", "question": "How long is the warranty?", "evidence": [{"document_id": "warranty.md"}]},
        {"id": "n", "question": "Lost?", "evidence": [{"document_id": "absent.md"}], "answers": ["x"]},
    ]
    path = tmp_path / "golden.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)))
    return path


def test_what_holds_passes_without_answering(questions: Path) -> None:
    respondent = ScriptedRespondent({})
    result = gate(questions, gate_requirements(["recall_at_5>=0.5"]), WordSearcher(), respondent)
    assert result.figures["retrieval.recall_at_5"] == 0.5
    assert respondent.asked == []


def test_what_does_not_hold_is_refused_by_name_and_gap(questions: Path) -> None:
    with pytest.raises(PublishRefused, match=r"recall_at_5>=0\.9: it is 0\.5, off by 0\.4") as caught:
        gate(questions, gate_requirements(["recall_at_5>=0.9"]), WordSearcher(), None)
    assert (caught.value.exit_code, caught.value.code) == (4, "gate_failed")


def test_a_requirement_on_answers_asks_the_answerer(questions: Path) -> None:
    respondent = ScriptedRespondent({"How long is the warranty?": refused(), "Lost?": refused()})
    with pytest.raises(PublishRefused, match="false_refusals"):
        gate(questions, gate_requirements(["false_refusals<0.5"]), WordSearcher(), respondent)
    assert len(respondent.asked) == 2
    with pytest.raises(UsageError, match="needs an answerer"):
        gate(questions, gate_requirements(["false_refusals<0.5"]), WordSearcher(), None)


def test_a_gate_without_requirements_is_a_mistake() -> None:
    with pytest.raises(UsageError, match="at least one requirement"):
        gate_requirements([])
