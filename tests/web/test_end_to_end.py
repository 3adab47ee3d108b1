"""The real thing: files, the real index, the extractive answerer, the runtime and HTTP; nothing scripted."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs

import httpx
import pytest

from ingest.run import IngestOptions, ingest
from ragchat.corpus.local.store import LocalStore
from ragchat.models.loading import load_embedder
from ragchat.runtime.checks import calibration
from ragchat.runtime.runtime import Runtime
from ragchat.settings import Settings
from tests.support.serving import OFFICE, PAGE, served


@pytest.fixture
def api(base: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=base, timeout=30) as client:
        yield client


def test_an_answer_cites_the_exact_words_of_the_stored_text(api: httpx.Client) -> None:
    reply = api.post("/v1/chat", json={"message": "How do I reset the router?"}).json()
    assert reply["finish"] == "answered"
    assert "power button" in reply["response"]
    for citation in reply["citations"]:
        span = citation["span"]
        text = api.get(
            f"/v1/documents/{citation['document']['id']}/text",
            params={"start": span["start"], "end": span["end"]},
        ).json()
        assert text["text"] == citation["quote"]
        assert hashlib.sha256(citation["quote"].encode()).hexdigest() == citation["quote_sha256"]
        assert citation["verified"] is True
        assert api.get(citation["url"]).status_code == 200


def test_a_question_outside_the_documents_is_refused_and_recorded(api: httpx.Client) -> None:
    reply = api.post("/v1/chat", json={"message": "Who won the football world cup in 1974?"}).json()
    assert reply["finish"] == "refused"
    assert reply["citations"] == []
    stored = api.get(f"/v1/messages/{reply['message_id']}").json()
    assert stored["refusal"]["reason"] == reply["refusal"]["reason"]


def test_refused_and_disliked_questions_are_reported_once(api: httpx.Client) -> None:
    for wording in ("Which planets have rings?", "which planet has rings"):
        assert api.post("/v1/chat", json={"message": wording}).json()["finish"] == "refused"
    liked = api.post("/v1/chat", json={"message": "When does the office open?"}).json()
    assert liked["finish"] == "answered"
    rated = api.post(
        f"/v1/messages/{liked['message_id']}/feedback", json={"rating": "down", "comment": "too long"}
    )
    assert rated.status_code == 204

    gaps = {gap["question"]: gap for gap in api.get("/v1/gaps").json()["gaps"]}
    assert gaps["which planet has rings"]["times"] == 2
    assert gaps["When does the office open?"]["reasons"] == ["disliked"]
    assert gaps["When does the office open?"]["comments"] == ["too long"]


def test_search_returns_passages_with_explained_scores(api: httpx.Client) -> None:
    found = api.get("/v1/search", params={"q": "warranty of the router", "top_k": 2}).json()["passages"]
    assert found[0]["title"] == "Router manual"
    assert "36 months" in found[0]["text"]
    assert found[0]["explanation"]
    assert len(found) <= 2

    plain = api.get("/v1/search", params={"q": "warranty of the router", "explain": False}).json()["passages"]
    assert plain[0]["title"] == "Router manual"
    assert plain[0]["explanation"] is None


def test_the_blocks_of_a_document_are_shown_and_lead_back_to_its_text(api: httpx.Client) -> None:
    router = next(d for d in api.get("/v1/documents").json()["documents"] if d["key"] == "router.md")
    assert router["language"] == "en"
    text = api.get(f"/v1/documents/{router['id']}/text").json()["text"]
    reply = api.get(f"/v1/documents/{router['id']}/blocks").json()
    assert reply["version"] == router["version"]
    assert reply["language"] == "en"
    said = [(block["kind"], text[block["start"] : block["end"]]) for block in reply["blocks"]]
    heading = next(i for i, (_, words) in enumerate(said) if words.endswith("Warranty"))
    assert said[heading][0] == "heading"
    assert said[heading + 1] == ("paragraph", "The warranty of the router is 36 months from delivery.")
    assert reply["blocks"][heading + 1]["parent"] == heading

    end = reply["blocks"][1]["end"]
    part = api.get(f"/v1/documents/{router['id']}/blocks", params={"end": end}).json()["blocks"]
    assert [block["index"] for block in part] == [0, 1]
    assert api.get("/v1/documents/nothing/blocks").status_code == 404


def test_documents_are_listed_in_pages_and_read(api: httpx.Client) -> None:
    keys: list[str] = []
    after: str | None = ""
    while after is not None:
        page = api.get("/v1/documents", params={"limit": 1, "after": after}).json()
        keys += [document["key"] for document in page["documents"]]
        after = page["next_after"]
    assert keys == ["office.md", "router.md", "shop.html", "tickets.jsonl#../../secret"]
    office = document_of(api, "office.md")
    text = api.get(f"/v1/documents/{office['id']}/text", params={"start": 0, "end": 19}).json()
    assert "🦊" in text["text"]
    assert (text["end"], text["length"]) == (19, office["length"])
    assert api.get(f"/v1/documents/{office['id']}/text", params={"start": 10**6}).json()["text"] == ""


def document_of(api: httpx.Client, key: str) -> dict[str, str]:
    documents: list[dict[str, str]] = api.get("/v1/documents").json()["documents"]
    return next(document for document in documents if document["key"] == key)


def test_the_original_file_is_served_as_it_was_ingested(api: httpx.Client, files: Path) -> None:
    shop = document_of(api, "shop.html")
    response = api.get(f"/v1/documents/{shop['id']}/file")
    assert response.text == PAGE
    assert response.headers["content-security-policy"].startswith("sandbox")
    assert response.headers["x-content-type-options"] == "nosniff"


def test_a_changed_or_untrusted_file_gives_the_canonical_text(api: httpx.Client, files: Path) -> None:
    ticket = document_of(api, "tickets.jsonl#../../secret")
    response = api.get(f"/v1/documents/{ticket['id']}/file")
    assert "lost its radio link" in response.text
    assert response.headers["content-type"] == "text/plain; charset=utf-8"

    office = document_of(api, "office.md")
    (files / "office.md").write_text("changed since", encoding="utf-8")
    changed = api.get(f"/v1/documents/{office['id']}/file")
    (files / "office.md").write_text(OFFICE, encoding="utf-8")
    assert "opens at seven" in changed.text
    assert "changed since" not in changed.text


@pytest.mark.parametrize("name", ["nothing", "..%2f..%2fetc%2fpasswd", "x" * 200])
def test_what_is_not_in_the_index_is_404(api: httpx.Client, name: str) -> None:
    for part in ("", "/text", "/file"):
        response = api.get(f"/v1/documents/{name}{part}")
        assert response.status_code == 404
        assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/v1/chat", "/v1/chat/stream"])
def test_agent_mode_without_a_model_that_calls_tools_is_refused_before_the_first_byte(
    api: httpx.Client, path: str
) -> None:
    refused = api.post(path, json={"message": "When does the office open?", "mode": "agent"})
    assert refused.status_code == 400
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["code"] == "agent_needs_tools"
    assert "RAGCHAT_CHAT_MODEL" in refused.json()["hint"]


def test_probes_tell_what_is_served(api: httpx.Client) -> None:
    assert api.get("/healthz").json()["status"] == "ok"
    ready = api.get("/health/ready")
    assert ready.status_code == 200
    assert (ready.json()["documents"], ready.json()["generation"]) == (4, 1)


def test_other_collections_and_bad_names_are_problems(api: httpx.Client) -> None:
    missing = api.post("/v1/chat", json={"message": "How?", "collection": "other"})
    assert missing.status_code == 404
    assert api.get("/v1/search", params={"q": "x", "collection": "../x"}).status_code == 422


@pytest.mark.parametrize(
    ("value", "status"),
    [
        ('"\\ud800"', 422),
        ('["b", "\\ud800"]', 422),
        ('"\\u0000"', 422),
        ("9223372036854775808", 422),
        ("1e999", 422),
        ("9223372036854775807", 200),
        ("-1e308", 200),
        ("true", 200),
        ("null", 200),
        ('["\U0001f98a", 1, 0.5]', 200),
    ],
)
def test_what_a_filter_may_hold_reaches_the_index_and_nothing_else_does(
    api: httpx.Client, value: str, status: int
) -> None:
    body = f'{{"message": "warranty", "filters": {{"metadata": {{"a": {value}}}}}}}'.encode()
    response = api.post("/v1/chat", content=body, headers={"content-type": "application/json"})
    assert response.status_code == status


def test_suggestions_are_questions(api: httpx.Client) -> None:
    questions = api.get("/v1/suggestions").json()["questions"]
    assert questions
    assert all(question.endswith("?") for question in questions)


def test_a_collection_or_document_that_is_not_there_is_not_echoed(api: httpx.Client) -> None:
    for response in (
        api.get("/v1/search", params={"q": "x", "collection": "zebra-4711"}),
        api.get("/v1/documents/zebra-4711/text"),
    ):
        assert response.status_code == 404
        assert "zebra" not in response.text
        assert response.json()["hint"]


@pytest.mark.parametrize("path", ["/", "/healthz", "/health", "/health/ready", "/docs", "/documents/d1"])
def test_head_is_get_without_the_body(api: httpx.Client, path: str) -> None:
    got, head = api.get(path), api.head(path)
    assert (head.status_code, head.content) == (got.status_code, b"")
    assert head.headers["content-type"] == got.headers["content-type"]
    assert head.headers["content-length"] == got.headers["content-length"]


def test_a_citation_of_another_collection_opens_there(files: Path, api: httpx.Client) -> None:
    (files.parent / "more").mkdir()
    (files.parent / "more" / "kiln.md").write_text("# Kiln\n\nThe kiln is fired on Tuesdays at noon.\n")
    embedder = load_embedder("local:minilm", threads=1)
    home = LocalStore(files.parent / "indexes" / "pottery")
    ingest([files.parent / "more"], home, embedder, IngestOptions(checks=(calibration(),)))

    asked = {"message": "When is the kiln fired?", "collection": "pottery"}
    reply = api.post("/v1/chat", json=asked).json()
    citation = reply["citations"][0]
    page, _, told = citation["url"].partition("#")
    assert parse_qs(told)["collection"] == ["pottery"]
    assert api.get(page).headers["content-type"].startswith("text/html")
    text = api.get(f"/v1{page}/text", params=parse_qs(told)).json()["text"]
    assert text == citation["quote"]
    assert api.get(f"/v1{page}/text").status_code == 404


def test_without_an_index_every_question_is_503_and_the_page_still_comes(tmp_path: Path) -> None:
    with (
        served(Runtime(Settings(_env_file=None, index_dir=tmp_path))) as base,
        httpx.Client(base_url=base) as api,
    ):
        for response in (
            api.post("/v1/chat", json={"message": "How?"}),
            api.post("/v1/chat/stream", json={"message": "How?"}),
            api.get("/v1/chat/stream", params={"message": "How?"}),
            api.get("/v1/search", params={"q": "How?"}),
            api.get("/v1/documents"),
        ):
            assert response.status_code == 503
            assert response.json()["code"] == "no_index"
            assert response.headers["retry-after"]
        ready = api.get("/health/ready")
        assert (ready.status_code, ready.json()["ready"]) == (503, False)
        assert api.get("/").status_code == 200
        assert api.get("/healthz").status_code == 200
        assert api.get("/v1/conversations").json()["conversations"] == []
