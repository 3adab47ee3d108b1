"""Golden questions are read whole, and a line that cannot be read is named."""

import json
from pathlib import Path

import pytest

from ragchat.errors import UsageError
from ragchat.evaluation.questions import Evidence, PastTurn, load_questions


def written(tmp_path: Path, *lines: object) -> Path:
    path = tmp_path / "questions.jsonl"
    path.write_text("".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines))
    return path


def test_reads_every_field(tmp_path: Path) -> None:
    line = {
        "id": "q1",
        "question": "How long is the warranty?",
        "answerable": True,
        "evidence": [
            {"document_id": "a.md", "start": 3, "end": 9},
            {"document_id": "b.md", "start": None, "end": None},
        ],
        "answers": ["two years"],
        "history": [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "Hi"}],
        "kind": "lookup",
        "related_documents": ["ignored"],
    }
    (question,) = load_questions(written(tmp_path, line))
    assert question.id == "q1"
    assert question.evidence == (Evidence("a.md", 3, 9), Evidence("b.md"))
    assert question.answers == ("two years",)
    assert question.history == (PastTurn("user", "Hello"), PastTurn("assistant", "Hi"))
    assert (question.kind, question.answerable, question.draft) == ("lookup", True, False)


def test_blank_lines_a_byte_order_mark_and_line_separators_in_strings_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "questions.jsonl"
    path.write_text(
        '\ufeff{"id": 7, "question": "a\u2028b"}\n\n{"question": "c", "evidence": null}\r\n', "utf-8"
    )
    first, second = load_questions(path)
    assert (first.id, first.question) == ("7", "a\u2028b")
    assert (second.id, second.evidence) == ("line 3", ())


def test_repeated_ids_stay_apart(tmp_path: Path) -> None:
    path = written(tmp_path, {"id": "x", "question": "a"}, {"id": "x", "question": "b"})
    assert [question.id for question in load_questions(path)] == ["x", "x (2)"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{broken", "questions.jsonl:2: not JSON"),
        ("[1]", "questions.jsonl:2: a JSON object is expected, not list"),
        ({"id": "x"}, "questions.jsonl:2: question: Field required"),
        ({"question": ""}, "questions.jsonl:2: question: "),
        ({"question": "q", "answers": "one"}, "questions.jsonl:2: answers: "),
        (
            {"question": "q", "evidence": [{"start": 1, "end": 2}]},
            "questions.jsonl:2: evidence.0.document_id: ",
        ),
        (
            {"question": "q", "evidence": [{"document_id": "d", "start": 1}]},
            "start and end are given together",
        ),
        (
            {"question": "q", "evidence": [{"document_id": "d", "start": 5, "end": 5}]},
            "end (5) must be greater",
        ),
        ({"question": "q", "evidence": [{"document_id": "d", "start": -1, "end": 5}]}, "evidence.0.start: "),
        ({"question": "q", "history": [{"role": "system", "content": "x"}]}, "history.0.role: "),
        ("[" * 100_000, "nothing like a question"),
        ('{"question": "x", "id": ' + "9" * 5000 + "}", "nothing like a question"),
    ],
)
def test_a_bad_line_is_named_with_its_number_and_reason(tmp_path: Path, line: object, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        load_questions(written(tmp_path, {"question": "fine"}, line))
    assert message in str(caught.value)


def test_an_empty_or_missing_or_binary_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds no questions"):
        load_questions(written(tmp_path, ""))
    with pytest.raises(UsageError, match="Cannot read the questions"):
        load_questions(tmp_path / "absent.jsonl")
    (tmp_path / "latin.jsonl").write_bytes(b'{"question": "\xe9"}')
    with pytest.raises(UsageError, match="not UTF-8"):
        load_questions(tmp_path / "latin.jsonl")


def test_every_shared_set_is_readable(eval_dir: Path) -> None:
    counts = {path.parent.name: len(load_questions(path)) for path in eval_dir.glob("*/questions.jsonl")}
    assert counts == {
        "chunking": 276,
        "squad": 2538,
        "productdocs": 100,
        "cranfield": 225,
        "conversations": 340,
    }
