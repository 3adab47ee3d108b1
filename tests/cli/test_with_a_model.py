"""An LLM behind an OpenAI-compatible address: named by a setting, checked like everything else."""

import json

import pytest

from tests.cli.conftest import Shell
from tests.support.openai_server import ChatScript, OpenAIServer

QUESTION = "How many vacation days do employees have?"


@pytest.fixture
def server() -> OpenAIServer:
    return OpenAIServer()


def ask(docs: Shell, server: OpenAIServer, *options: str) -> dict[str, object]:
    done = docs.run(
        "ask",
        QUESTION,
        "--json",
        *options,
        RAGCHAT_CHAT_MODEL="openai:test-model",
        OPENAI_BASE_URL=server.url,
        OPENAI_API_KEY="not-a-real-key",
    )
    assert "not-a-real-key" not in done.out + done.err
    return json.loads(done.out)


def test_a_named_model_writes_the_answer_and_its_citations_are_proved(
    docs: Shell, server: OpenAIServer
) -> None:
    docs.run("ingest", "docs")
    server.chats = [ChatScript(("Employees have ", "28 vacation", " days a year [", "1]."))]
    with server:
        answer = ask(docs, server)
    assert answer["response"] == "Employees have 28 vacation days a year."
    citation = answer["citations"][0]
    assert citation["verified"] is True
    assert "28 vacation days" in citation["quote"]
    assert answer["grounded"] == 1.0
    assert answer["tokens_used"] > 0
    request = server.requests[0].body
    assert request["model"] == "test-model"
    assert request["stream"] is True
    assert "28 vacation days" in json.dumps(request["messages"])


def test_what_the_model_makes_up_is_not_shown_as_verified_and_not_at_all_under_strict(
    docs: Shell, server: OpenAIServer
) -> None:
    docs.run("ingest", "docs")
    server.chats = [ChatScript(("Employees have 45 vacation days a year [1].",))]
    with server:
        annotated = ask(docs, server)
        strict = ask(docs, server, "--grounding", "strict")
    assert not any(citation["verified"] for citation in annotated["citations"])
    assert annotated["grounded"] == 0.0
    assert strict["finish"] == "refused"
    assert "45" not in strict["response"]


def test_a_failing_service_is_an_error_with_its_own_exit_code(docs: Shell, server: OpenAIServer) -> None:
    docs.run("ingest", "docs")
    server.chats = [ChatScript(fault="status", status=401)]
    with server:
        done = docs.run(
            "ask",
            QUESTION,
            RAGCHAT_CHAT_MODEL="openai:test-model",
            OPENAI_BASE_URL=server.url,
            OPENAI_API_KEY="not-a-real-key",
        )
    assert done.code == 5
    assert "Traceback" not in done.err
    assert "not-a-real-key" not in done.out + done.err


def test_a_key_alone_sends_nothing_anywhere(docs: Shell, server: OpenAIServer) -> None:
    docs.run("ingest", "docs")
    with server:
        done = docs.run("ask", QUESTION, OPENAI_BASE_URL=server.url, OPENAI_API_KEY="not-a-real-key")
    assert done.code == 0
    assert "28 vacation days" in done.out
    assert server.requests == []


def test_embeddings_can_come_from_a_service_too(docs: Shell, server: OpenAIServer) -> None:
    with server:
        variables = {
            "RAGCHAT_EMBEDDINGS": "openai:text-embedding-test",
            "OPENAI_BASE_URL": server.url,
            "OPENAI_API_KEY": "not-a-real-key",
        }
        ingested = docs.run("ingest", "docs", "--json", **variables)
        assert ingested.code == 0, ingested.err
        found = docs.run("search", "vacation days", "--json", **variables)
        assert found.json()["passages"]
    wrong = docs.run("search", "vacation days")
    assert wrong.code == 3
    assert "text-embedding-test" in wrong.err


def test_agent_mode_without_a_model_that_calls_tools_says_what_it_needs(docs: Shell) -> None:
    docs.run("ingest", "docs")
    done = docs.run("ask", QUESTION, "--mode", "agent")
    assert done.code == 2
    assert "call tools" in done.err
    assert "RAGCHAT_CHAT_MODEL" in done.err
    assert "Traceback" not in done.err
    assert not done.out.strip()


def test_agent_mode_says_nothing_that_was_not_searched_for(docs: Shell) -> None:
    docs.run("ingest", "docs")
    done = docs.run(
        "ask", QUESTION, "--mode", "agent", "--json", RAGCHAT_CHAT_MODEL="scripted:Nothing known."
    )
    assert done.code == 6
    told = done.json()
    assert told["finish"] == "refused"
    assert "Nothing known" not in told["response"]
