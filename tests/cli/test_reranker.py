"""RAGCHAT_RERANKER: a second opinion on what was found, by name, with errors that say what is missing."""

import json

from tests.cli.conftest import Shell
from tests.support.openai_server import ChatScript, OpenAIServer


def test_the_chat_model_grades_what_was_found(docs: Shell) -> None:
    docs.run("ingest", "docs")
    plain = docs.run(
        "search", "How long is the link valid?", "--json", "--explain", RAGCHAT_RERANKER="none"
    ).json()["passages"]
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
    assert "grade" not in plain[0]["explanation"]
    assert max(p["explanation"].get("grade", 0.0) for p in again) == 9.0


def test_the_reader_in_the_package_reads_unless_told_not_to(docs: Shell) -> None:
    docs.run("ingest", "docs")
    asked = ("search", "How long is the link valid?", "--json", "--explain")
    read = docs.run(*asked).json()["passages"]
    unread = docs.run(*asked, RAGCHAT_RERANKER="none").json()["passages"]
    assert "grade" in read[0]["explanation"]
    assert "grade" not in unread[0]["explanation"]


def test_a_key_in_question_or_passage_is_not_sent_to_the_model(docs: Shell) -> None:
    key = "sk-" + "proj-" + "a1B2c3D4" * 6
    docs.write("docs/keys.md", f"# Keys\n\nThe link for the staging robot is {key}.\n")
    docs.run("ingest", "docs")
    server = OpenAIServer()
    server.chats = [ChatScript(("1: 1\n2: 9\n",))]
    with server:
        docs.run(
            "search",
            f"link for the staging robot {key}",
            RAGCHAT_RERANKER="llm",
            RAGCHAT_CHAT_MODEL="openai:test-model",
            OPENAI_BASE_URL=server.url,
            OPENAI_API_KEY="not-a-real-key",
        )
    sent = json.dumps([one.body for one in server.requests])
    assert "staging robot" in sent
    assert key not in sent


def test_a_missing_package_a_wrong_name_and_a_missing_model_are_told(docs: Shell) -> None:
    docs.run("ingest", "docs")
    package = docs.run("search", "leave", RAGCHAT_RERANKER="fastembed:Xenova/ms-marco-MiniLM-L-6-v2")
    assert (package.code, "pip install fastembed" in package.err) == (3, True)
    name = docs.run("search", "leave", RAGCHAT_RERANKER="magic")
    assert (name.code, "'magic'" in name.err) == (2, True)
    model = docs.run("search", "leave", RAGCHAT_RERANKER="llm")
    assert (model.code, "RAGCHAT_CHAT_MODEL" in model.err) == (2, True)
