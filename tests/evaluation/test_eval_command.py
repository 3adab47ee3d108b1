"""`ragchat eval` on a real index: its JSON, its table, its files, its exit codes."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ingest.options import IngestOptions, Observer
from ingest.run import ingest
from ragchat.cli import app
from ragchat.corpus.local.store import LocalStore
from ragchat.errors import NotReady, PublishRefused, UsageError
from ragchat.evaluation.run import no_progress
from ragchat.models.embedder import Embedder
from ragchat.models.loading import load_embedder
from ragchat.runtime.checks import quality_gate
from ragchat.runtime.models import Models
from ragchat.settings import load_settings

DOCUMENTS = {
    "warranty.md": "# Warranty\n\nThe warranty of the coffee machine lasts two years. Batteries are excluded.\n",
    "returns.md": "# Returns\n\nUnopened parcels are taken back within 30 days. Refunds arrive within one week.\n",
    "notes.jsonl": json.dumps(
        {"id": "shipping", "title": "Shipping", "text": "Shipping is free for every order above 50 euros."}
    ),
}
QUESTIONS = [
    {
        "id": "w",
        "question": "How long does the warranty of the coffee machine last?",
        "evidence": [{"document_id": "warranty.md", "start": 12, "end": 63}],
        "answers": ["two years"],
    },
    {
        "id": "s",
        "question": "When is shipping free?",
        "evidence": [{"document_id": "shipping"}],
        "answers": ["above 50 euros"],
    },
    {"id": "m", "question": "Who was the first astronaut to walk on the moon?", "answerable": False},
]


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return load_embedder("local:minilm")


@pytest.fixture(scope="module")
def index_dir(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Path:
    folder = tmp_path_factory.mktemp("eval")
    (folder / "documents").mkdir()
    for name, text in DOCUMENTS.items():
        (folder / "documents" / name).write_text(text)
    home = LocalStore(folder / "indexes" / "default")
    ingest([folder / "documents"], home, embedder, IngestOptions(), Observer())
    return folder / "indexes"


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    path = tmp_path / "questions.jsonl"
    path.write_text("\n".join(map(json.dumps, QUESTIONS)))
    return path


def run(index_dir: Path, *arguments: object) -> Result:
    return CliRunner().invoke(app, ["eval", "--index-dir", str(index_dir), *map(str, arguments)])


def test_json_is_one_object_with_the_figures(index_dir: Path, questions: Path) -> None:
    result = run(index_dir, questions, "--json")
    assert result.exit_code == 0, result.output
    output = json.loads(result.stdout)
    assert output["questions"] == 3
    assert output["retrieval"]["recall_at_1"] == 1
    assert output["retrieval"]["span_recall"] == 1
    assert output["answers"]["contained"] == 1
    assert output["answers"]["answerable"] == 2
    assert output["refusal"]["unanswerable"] == 1
    assert output["citations"]["verified"] == 1
    assert [row["id"] for row in output["results"]] == ["w", "s", "m"]


def test_retrieval_only_has_no_answers(index_dir: Path, questions: Path) -> None:
    output = json.loads(run(index_dir, questions, "--json", "--retrieval-only").stdout)
    assert output["answers"]["contained"] is None
    assert [row["verdict"] for row in output["results"]] == ["found", "found", "unscored"]


def test_the_table_and_the_report(index_dir: Path, questions: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.html"
    result = run(index_dir, questions, "--output", report)
    assert result.exit_code == 0
    assert "recall_at_5" in result.stdout
    assert "\x1b" not in result.stdout, "no colours without a terminal"
    assert "<mark>The warranty of the coffee machine lasts two years.</mark>" in report.read_text()


def test_a_requirement_that_fails_is_exit_code_1_and_named(index_dir: Path, questions: Path) -> None:
    held = run(index_dir, questions, "--retrieval-only", "--require", "recall_at_5>=0.9")
    assert held.exit_code == 0
    failed = run(index_dir, questions, "--retrieval-only", "--require", "questions>3")
    assert failed.exit_code == 1
    assert "requirement failed: questions>3: it is 3, off by 0" in failed.stderr


def test_a_run_compares_with_its_own_json(index_dir: Path, questions: Path, tmp_path: Path) -> None:
    old = tmp_path / "old.json"
    old.write_text(run(index_dir, questions, "--json").stdout)
    output = json.loads(run(index_dir, questions, "--json", "--compare", old).stdout)
    assert output["comparison"]["paired"] == 3
    assert output["comparison"]["differences"]["retrieval.recall_at_5"]["verdict"] == "same"
    assert "Compared over 3 shared questions" in run(index_dir, questions, "--compare", old).stdout


def test_evidence_that_the_index_does_not_hold_is_told(index_dir: Path, tmp_path: Path) -> None:
    path = tmp_path / "questions.jsonl"
    path.write_text(json.dumps({"question": "Where?", "evidence": [{"document_id": "absent.md"}]}))
    assert (
        "documents that the index does not hold: absent.md" in run(index_dir, path, "--retrieval-only").stderr
    )


def test_drafts_are_found_by_the_questions_drawn_from_them(index_dir: Path, tmp_path: Path) -> None:
    path = tmp_path / "draft.jsonl"
    assert run(index_dir, path, "--draft", "--count", 3).exit_code == 0
    output = json.loads(run(index_dir, path, "--json", "--retrieval-only").stdout)
    assert output["questions"] > 0
    assert output["retrieval"]["recall_at_1"] == 1
    assert isinstance(run(index_dir, path, "--draft").exception, UsageError), (
        "questions are never overwritten"
    )


def test_calibration_stores_a_threshold_with_a_new_generation(index_dir: Path, tmp_path: Path) -> None:
    inside = [f"How long does the warranty of machine {n} last?" for n in range(10)]
    outside = [f"Which galaxy collided with dwarf number {n}?" for n in range(10)]
    lines = [{"question": q} for q in inside] + [{"question": q, "answerable": False} for q in outside]
    path = tmp_path / "golden.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)))
    fitted = json.loads(run(index_dir, path, "--calibrate", "--json").stdout)
    assert fitted["false_refusals"] == fitted["false_answers"] == 0
    home = LocalStore(index_dir / "default")
    assert home.current() == fitted["generation"]
    with home.open() as generation:
        assert generation.settings["graded_answered_threshold"] == fitted["threshold"]
        assert generation.document_count == 3


def test_a_candidate_is_gated_with_the_product_itself(index_dir: Path, questions: Path) -> None:
    models = Models(load_settings(index_dir=index_dir))
    asked: list[tuple[int, int]] = []
    with LocalStore(index_dir / "default").open() as generation:
        held = quality_gate(models, questions, ["recall_at_1>=1"])
        assert held(generation, lambda done, total: asked.append((done, total))) == {}
        with pytest.raises(PublishRefused, match="false_answers<0"):
            quality_gate(models, questions, ["false_answers<0"])(generation, no_progress)
    assert asked == [(done, len(QUESTIONS)) for done in range(len(QUESTIONS) + 1)]
    with pytest.raises(UsageError, match="at least one requirement"):
        quality_gate(models, questions, [])


def test_wrong_use_is_told_before_any_work(index_dir: Path, questions: Path, tmp_path: Path) -> None:
    assert isinstance(run(index_dir).exception, UsageError)
    assert isinstance(run(index_dir, questions, "--require", "recall>1").exception, UsageError)
    assert isinstance(run(index_dir, questions, "--compare", tmp_path / "absent.json").exception, UsageError)
    assert isinstance(run(index_dir, questions, "--output", tmp_path / "no" / "r.html").exception, UsageError)
    assert isinstance(run(index_dir, questions, "--output", tmp_path).exception, UsageError)
    assert isinstance(
        run(index_dir, questions, "--calibrate", "--output", tmp_path / "r.html").exception, UsageError
    )
    assert isinstance(
        run(index_dir, questions, "--draft", "--require", "recall_at_5>0").exception, UsageError
    )
    assert isinstance(run(tmp_path, questions).exception, NotReady)


def test_a_chat_model_is_measured_by_name(index_dir: Path, questions: Path) -> None:
    says = "scripted:The warranty of the coffee machine lasts two years [1]. Hippos can fly."
    output = json.loads(run(index_dir, questions, "--json", "--model", says).stdout)
    warranty = output["results"][0]
    assert warranty["verdict"] == "right"
    assert (warranty["sentences"], warranty["cited"], warranty["verified"]) == (2, 1, 1)
    assert output["answers"]["contained"] == 0.5


def test_a_model_that_cannot_be_reached_is_exit_code_5(
    index_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("RAGCHAT_UPSTREAM_TIMEOUT", "1")
    path = tmp_path / "questions.jsonl"
    path.write_text(json.dumps(QUESTIONS[0]))
    result = run(index_dir, path, "--json", "--model", "openai:gpt-4.1-mini")
    assert result.exit_code == 5
    assert json.loads(result.stdout)["results"][0]["verdict"] == "failed"
    assert "1 of 1 answers failed" in result.stderr
