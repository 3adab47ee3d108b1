"""RAGCHAT_RERANKER: a second opinion on what was found, by name, with errors that say what is missing."""

import json

from tests.cli.conftest import Shell
from tests.support.openai_server import ChatScript, OpenAIServer


def test_the_chat_model_grades_what_was_found(docs: Shell) -> None:
    docs.run("ingest", "docs")
    plain = docs.run("search", "How long is the link valid?", "--json").json()["passages"]
    server = OpenAIServer()
    server.chats = [ChatScript(("1: 1\n2: 9\n3: 0\n",))]
    with server:
        done = docs.run(
            "search",
            "How long is the link valid?",
            "--json",
            "--explain",
            RAGCHAT_RERANKER="llm",
            RAGCHAT_CHAT_MODEL="openai:test-model",
            OPENAI_BASE_URL=server.url,
            OPENAI_API_KEY="not-a-real-key",
        )
    again = json.loads(done.out)["passages"]
    assert [p["key"] for p in again] != [p["key"] for p in plain]
    assert again[0]["explanation"]["rerank"] == 9.0


def test_a_missing_package_a_wrong_name_and_a_missing_model_are_told(docs: Shell) -> None:
    docs.run("ingest", "docs")
    package = docs.run("search", "leave", RAGCHAT_RERANKER="fastembed:Xenova/ms-marco-MiniLM-L-6-v2")
    assert (package.code, "pip install fastembed" in package.err) == (3, True)
    name = docs.run("search", "leave", RAGCHAT_RERANKER="magic")
    assert (name.code, "'magic'" in name.err) == (2, True)
    model = docs.run("search", "leave", RAGCHAT_RERANKER="llm")
    assert (model.code, "RAGCHAT_CHAT_MODEL" in model.err) == (2, True)
