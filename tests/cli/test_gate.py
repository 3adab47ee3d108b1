"""`ragchat ingest --gate`: publishes only if the built generation holds, and says when it was not asked."""

import json

from tests.cli.conftest import Shell
from tests.support.openai_server import ChatScript, OpenAIServer

GOLDEN = json.dumps(
    {
        "question": "How many vacation days does an employee have?",
        "evidence": [{"document_id": "leave.md"}],
        "answers": ["28 vacation days"],
    }
)
HOLDS = ("ingest", "docs", "--gate", "golden.jsonl", "--require", "recall_at_1>=1")
DIFFERS = ("ingest", "docs", "--gate", "golden.jsonl", "--require", "recall_at_1<1")


def test_a_gate_that_does_not_hold_publishes_nothing(docs: Shell) -> None:
    docs.write("golden.jsonl", GOLDEN)
    refused = docs.run(*DIFFERS)
    assert refused.code == 4
    assert "recall_at_1<1: it is 1" in refused.err
    assert docs.run("search", "vacation").code == 3

    held = docs.run(*HOLDS, "--json")
    assert (held.code, held.json()["published"], held.json()["warnings"]) == (0, True, [])


def test_a_run_that_changes_nothing_says_that_its_gate_was_not_asked(docs: Shell) -> None:
    docs.write("golden.jsonl", GOLDEN)
    docs.run("ingest", "docs")
    again = docs.run(*DIFFERS, "--json")
    assert (again.code, again.json()["published"]) == (0, False)
    assert "The gate was not asked: there is nothing new to publish." in str(again.json()["warnings"])
    assert "ragchat eval golden.jsonl" in again.err

    docs.write("docs/more.md", "# More\n\nThe office is open from nine to five.\n")
    dry = docs.run(*DIFFERS, "--dry-run")
    assert (dry.code, "The gate was not asked: a dry run builds nothing." in dry.err) == (0, True)


def test_a_requirement_without_questions_is_a_mistake(docs: Shell) -> None:
    done = docs.run("ingest", "docs", "--require", "recall_at_5>=0.9")
    assert (done.code, "--gate QUESTIONS.jsonl" in done.err) == (2, True)


def test_the_gate_asks_the_model_that_will_serve_and_only_about_answers(docs: Shell) -> None:
    docs.write("golden.jsonl", GOLDEN)
    server = OpenAIServer()
    server.chats = [ChatScript(("It is 17 weeks. [1]",))]
    with server:
        model = {
            "RAGCHAT_CHAT_MODEL": "openai:test-model",
            "OPENAI_BASE_URL": server.url,
            "OPENAI_API_KEY": "not-a-real-key",
        }
        asked = docs.run("ingest", "docs", "--gate", "golden.jsonl", "--require", "contained>=1", **model)
        assert (asked.code, "contained>=1: it is 0" in asked.err) == (4, True)
        assert len(server.requests) == 1
        assert docs.run(*HOLDS, **model).code == 0
        assert len(server.requests) == 1
