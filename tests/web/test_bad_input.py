"""Bad input: the right 4xx problem, never a 500, never an echo of what was sent."""

import json
import re
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scripted_service import ScriptedService

MARK = "zebra-4711"

BAD_MESSAGES: list[tuple[str, Any]] = [
    ("missing", {}),
    ("empty", {"message": ""}),
    ("blank", {"message": " \n\t "}),
    ("too long", {"message": MARK + "x" * 8_000}),
    ("number", {"message": 4711}),
    ("null", {"message": None}),
    ("list", {"message": [MARK]}),
    ("object", {"message": {"text": MARK}}),
    ("zero byte", {"message": f"{MARK}\x00"}),
    ("top_k text", {"message": "How?", "top_k": MARK}),
    ("top_k huge", {"message": "How?", "top_k": 10**30}),
    ("top_k zero", {"message": "How?", "top_k": 0}),
    ("conversation path", {"message": "How?", "conversation_id": f"../{MARK}"}),
    ("conversation long", {"message": "How?", "conversation_id": "c" * 65}),
    ("collection path", {"message": "How?", "collection": "../../etc"}),
    ("grounding", {"message": "How?", "grounding": MARK}),
    ("mode", {"message": "How?", "mode": MARK}),
    ("preferences", {"message": "How?", "preferences": MARK}),
    ("filters", {"message": "How?", "filters": {"metadata": {MARK: {"deep": [MARK]}}}}),
    ("array body", [MARK]),
    ("string body", MARK),
    ("null body", None),
]


def assert_problem(response: httpx.Response, status: int | None = None) -> dict[str, Any]:
    assert response.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert body["status"] == response.status_code
    assert body["request_id"] == response.headers["x-request-id"]
    assert body["code"]
    if status is not None:
        assert response.status_code == status, body
    return body


@pytest.mark.parametrize("path", ["/v1/chat", "/v1/chat/stream", "/chat"])
@pytest.mark.parametrize(("_name", "body"), BAD_MESSAGES, ids=[name for name, _ in BAD_MESSAGES])
async def test_a_bad_body_is_422_and_never_echoed(
    client: httpx.AsyncClient, path: str, _name: str, body: Any
) -> None:
    response = await client.post(path, json=body)
    assert_problem(response, 422)
    assert MARK not in response.text


@pytest.mark.parametrize(
    "raw",
    [
        b'{"message": NaN}',
        b'{"message": "How?", "top_k": NaN}',
        b'{"message": "How?", "top_k": Infinity}',
        b'{"message": "How?", "filters": {"metadata": {"a": NaN}}}',
        b'{"message": "How?", "filters": {"metadata": {"a": [1, -Infinity]}}}',
        b'{"message": "How\\ud83d?"}',
        b'{"message": "How?", "user_id": "\\udc00"}',
        b'{"message": "How?", "filters": {"metadata": {"\\udfff": 1}}}',
        b'{"message": "warranty", "filters": {"metadata": {"a": "\\ud800"}}}',
        b'{"message": "warranty", "filters": {"metadata": {"a": ["b", "\\ud800"]}}}',
        b'{"message": "warranty", "filters": {"metadata": {"a": "\\u0000"}}}',
        b'{"message": "warranty", "filters": {"metadata": {"\\u0000": "a"}}}',
        b'{"message": "warranty", "filters": {"metadata": {"a": 1e999}}}',
        b'{"message": "warranty", "filters": {"metadata": {"a": 9223372036854775808}}}',
        b'{"message": "warranty", "filters": {"metadata": {"a": [-' + b"9" * 400 + b"]}}}",
        b'{"message": "How?", "filters": {"uris": ["\\udc80"]}}',
        b'{"message": "How?", "filters": {"uris": ["\\u0000"]}}',
        b'{"message": "How?", "filters": {"document_ids": ["\\ud800"]}}',
        b'{"message": "How?", "system_prompt": "\\ud800"}',
        b'{"message": "How?", "system_prompt": "\\u0000"}',
        b'{"message": "How?", "model": "a\\ud800"}',
        b'{"message": "How?", "conversation_id": "\\ud800"}',
        b'{"message": "How?", "collection": "\\ud800"}',
        b'{"message": "How?", "user_id": "\\u0000"}',
        b'{"message": "How?", "preferences": {"language": "\\ud800"}}',
        b'{"message": "How?", "preferences": {"topics": ["\\ud800"]}}',
        b'{"message": "How?", "preferences": {"topics": "\\u0000"}}',
        b"{",
        b"",
        b"not json zebra-4711",
    ],
)
async def test_what_json_should_not_hold_is_422(client: httpx.AsyncClient, raw: bytes) -> None:
    response = await client.post("/v1/chat", content=raw, headers={"content-type": "application/json"})
    assert_problem(response, 422)
    assert MARK not in response.text


@pytest.mark.parametrize(
    "raw", [b'{"message": "\xff\xfe"}', b"[" * 100_000, b'{"top_k": ' + b"1" * 6_000 + b"}"]
)
async def test_what_cannot_be_parsed_is_4xx(client: httpx.AsyncClient, raw: bytes) -> None:
    response = await client.post("/v1/chat", content=raw, headers={"content-type": "application/json"})
    assert assert_problem(response)["status"] in (400, 422)


async def test_other_content_types_are_refused(client: httpx.AsyncClient) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded"):
        response = await client.post(
            "/v1/chat", content=b'{"message": "How?"}', headers={"content-type": kind}
        )
        assert_problem(response, 422)


async def test_a_message_of_exactly_the_limit_is_answered(client: httpx.AsyncClient) -> None:
    assert (await client.post("/v1/chat", json={"message": "🦊" * 8_000})).status_code == 200


async def test_a_body_above_the_cap_is_413_announced_or_not(client: httpx.AsyncClient) -> None:
    huge = json.dumps({"message": "How?", "padding": "x" * 300_000}).encode()
    assert_problem(
        await client.post("/v1/chat", content=huge, headers={"content-type": "application/json"}), 413
    )

    async def pieces() -> Any:
        for _ in range(30):
            yield b"x" * 10_000

    chunked = await client.post("/v1/chat", content=pieces(), headers={"content-type": "application/json"})
    assert "content-length" not in chunked.request.headers
    assert_problem(chunked, 413)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/nothing", 404),
        ("DELETE", "/v1/chat", 405),
        ("GET", "/v1/conversations/none", 404),
        ("GET", "/v1/conversations/none/messages", 404),
        ("DELETE", "/v1/conversations/none", 404),
        ("DELETE", "/v1/conversations/none/messages", 404),
        ("GET", "/v1/conversations?cursor=made-up", 400),
        ("GET", "/v1/conversations?cursor=WzEsICJcdWQ4MDAiXQ", 400),  # [1, "\ud800"]
        ("GET", "/v1/conversations?cursor=WzEsICJcdTAwMDAiXQ", 400),  # [1, "\u0000"]
        ("GET", "/v1/conversations?cursor=W05hTiwgImEiXQ", 400),  # [NaN, "a"]
        ("GET", "/v1/conversations?cursor=W0luZmluaXR5LCAiYSJd", 400),  # [Infinity, "a"]
        ("GET", "/v1/conversations?user_id=a%00", 422),
        ("GET", "/v1/conversations/none?after=" + "9" * 30, 422),
        ("GET", "/v1/conversations/none?limit=" + "9" * 5_000, 422),
        ("GET", "/v1/messages/none/events?after=" + "9" * 30, 422),
        ("GET", "/v1/gaps?limit=" + "9" * 30, 422),
        ("GET", "/v1/search?q=%00", 422),
        ("GET", "/v1/search?q=a&collection=a%00", 422),
        ("GET", "/v1/search?q=a&top_k=1e999", 422),
        ("GET", "/v1/chat/stream?message=a%00", 422),
        ("GET", "/v1/chat/stream?message=a&top_k=nan", 422),
        ("GET", "/v1/documents?after=%00", 422),
        ("GET", "/v1/documents/%00", 422),
        ("GET", "/v1/documents/%00/text", 422),
        ("GET", "/v1/documents/%00/file", 422),
        ("GET", "/v1/documents/d1/text?start=" + "9" * 30, 422),
        ("GET", "/v1/documents/d1/text?start=inf", 422),
        ("GET", "/v1/suggestions?limit=-1", 422),
        ("GET", "/v1/conversations?limit=0", 422),
        ("GET", "/v1/conversations/none?after=-2", 422),
        ("GET", "/v1/messages/none/events", 404),
        ("POST", "/v1/messages/none/stop", 404),
        ("GET", "/v1/messages/..%2f..%2fetc", 404),
        ("GET", "/v1/chat/stream", 422),
        ("GET", "/v1/chat/stream?message=", 422),
        ("GET", "/v1/chat/stream?message=" + "x" * 8_001, 422),
        ("GET", "/v1/search", 422),
        ("GET", "/v1/search?q=a&top_k=x", 422),
        ("GET", "/v1/documents?limit=100000", 422),
        ("GET", "/static/../app.py", 404),
        ("GET", "/static/%2e%2e/app.py", 404),
    ],
)
async def test_every_route_answers_with_a_problem(
    client: httpx.AsyncClient, method: str, path: str, status: int
) -> None:
    assert_problem(await client.request(method, path), status)


@pytest.mark.parametrize(
    ("body", "field", "message"),
    [
        ({"message": " "}, "body.message", "Must have words in it"),
        ({"message": "a\0"}, "body.message", "Must not contain the character U+0000"),
        (
            {"message": "How?", "preferences": {"topics": ["\0"]}},
            "body.preferences.topics.0",
            "Must not contain the character U+0000",
        ),
        (
            {"message": "How?", "preferences": {"topics": 5}},
            "body.preferences.topics",
            "Input should be a list or input should be a valid string",
        ),
        (
            {"message": "How?", "filters": {"uris": [5]}},
            "body.filters.uris.0",
            "Input should be a valid string",
        ),
        ({"message": "How?", "filters": {"metadata": {"a": {}}}}, "body.filters.metadata", None),
        ({"message": "How?", "filters": 5}, "body.filters", "Input should be an object"),
        ({"message": "How?", "top_k": "x"}, "body.top_k", None),
    ],
)
async def test_an_error_names_its_field_as_the_client_knows_it_and_once(
    client: httpx.AsyncClient, body: Any, field: str, message: str | None
) -> None:
    errors = assert_problem(await client.post("/v1/chat", json=body), 422)["errors"]
    named = [error for error in errors if error["field"] == field]
    assert len(named) == 1, errors
    assert message in (None, named[0]["message"])
    for error in errors:
        assert re.fullmatch(r"[a-z_]+(\.[a-z_]+|\.[0-9]+)*", error["field"])
        assert not re.search(r"Value error|function-|constrained|dictionary", json.dumps(error))


@pytest.mark.parametrize(
    "path",
    [f"/v1/conversations/{MARK}", f"/v1/messages/{MARK}", f"/v1/messages/{MARK}/events", f"/v1/{MARK}"],
)
async def test_a_problem_never_echoes_what_is_named(client: httpx.AsyncClient, path: str) -> None:
    response = await client.get(path)
    assert_problem(response, 404)
    assert MARK not in response.text


@pytest.mark.parametrize(
    ("method", "path", "status", "detail", "hint"),
    [
        ("GET", "/v1/nonsense", 404, "There is no such route.", "`/docs`"),
        ("PUT", "/v1/chat", 405, "This route does not take this method.", "`/docs`"),
        ("GET", "/v1/jobs/4711", 404, "There is no such job.", "`GET /v1/documents`"),
    ],
)
async def test_what_is_not_there_is_named_by_its_kind_with_a_way_on(
    client: httpx.AsyncClient, method: str, path: str, status: int, detail: str, hint: str
) -> None:
    reply = await client.request(method, path)
    assert (reply.status_code, reply.json()["detail"]) == (status, detail)
    assert hint in reply.json()["hint"]


async def test_a_key_that_no_server_asked_for_is_refused_with_what_to_do(client: httpx.AsyncClient) -> None:
    reply = await client.get("/v1/search?q=router", headers={"X-API-Key": "sk-made-up"})
    assert reply.status_code == 401
    assert reply.json()["hint"] == "This server asks for none: leave it out."


async def test_a_conversation_that_exists_is_not_echoed(client: httpx.AsyncClient) -> None:
    for status in (201, 409):
        response = await client.post("/v1/conversations", json={"id": MARK})
        assert response.status_code == status
    assert MARK not in response.text


async def test_a_request_id_of_the_client_is_kept_unless_it_is_harmful(client: httpx.AsyncClient) -> None:
    kept = await client.get("/healthz", headers={"X-Request-ID": "abc-1.2_3"})
    assert kept.headers["x-request-id"] == "abc-1.2_3"
    replaced = await client.get("/healthz", headers={"X-Request-ID": "a b<script>"})
    assert replaced.headers["x-request-id"].isalnum()


async def test_what_nobody_foresaw_is_a_500_without_internals(
    client: httpx.AsyncClient, service: ScriptedService
) -> None:
    async def broken(query: str, **options: Any) -> Any:
        raise RuntimeError(MARK)

    service.search = broken  # type: ignore[method-assign]
    response = await client.get("/v1/search", params={"q": "How?"})
    assert assert_problem(response, 500)["code"] == "internal"
    assert MARK not in response.text


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([2**63, -(2**63) - 1, 10**400, float("inf"), float("nan"), "\ud800", "\0", "a\udfff"])
    | st.floats(allow_nan=True)
    | st.text(st.characters(exclude_categories=[]), max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.sampled_from(
    ["message", "conversation_id", "user_id", "collection", "system_prompt", "preferences", "model", "mode",
     "grounding", "top_k", "filters", "stream_format", "title", "id", "rating", "comment"]
)  # fmt: skip
TEXTS = st.text(st.characters(exclude_categories=[]), max_size=8)
FILTERS = st.fixed_dictionaries(
    {},
    optional={
        "metadata": st.dictionaries(TEXTS, JSON, max_size=3),
        "uris": st.lists(TEXTS, max_size=2) | JSON,
        "document_ids": st.lists(TEXTS, max_size=2) | JSON,
    },
)
ASKED = st.fixed_dictionaries(
    {"message": st.just("warranty") | TEXTS},
    optional={
        "filters": FILTERS,
        "preferences": st.dictionaries(st.sampled_from(["language", "style", "topics"]), JSON, max_size=3),
        "system_prompt": TEXTS,
        "user_id": TEXTS,
    },
)
ROUTES = st.sampled_from(
    [("POST", "/v1/chat"), ("POST", "/v1/chat/stream"), ("POST", "/v1/conversations"),
     ("PATCH", "/v1/conversations/c1"), ("POST", "/v1/messages/m1/feedback"), ("POST", "/v1/messages/m1/stop")]
)  # fmt: skip


@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
@given(
    route=ROUTES, body=ASKED | st.dictionaries(FIELDS, JSON, max_size=5) | JSON, query=st.text(max_size=10)
)
async def test_no_body_makes_a_500(
    client: httpx.AsyncClient, route: tuple[str, str], body: Any, query: str
) -> None:
    method, path = route
    content = json.dumps(body).encode()
    response = await client.request(
        method, path, content=content, headers={"content-type": "application/json"}
    )
    assert response.status_code < 500
    if response.status_code >= 400:
        assert_problem(response)


QUERIES = st.sampled_from(
    ["/v1/search", "/v1/chat/stream", "/v1/conversations", "/v1/conversations/c1", "/v1/documents", "/v1/gaps",
     "/v1/documents/d1/text", "/v1/messages/m1/events", "/v1/suggestions"]
)  # fmt: skip
PARAMETERS = st.sampled_from(
    ["q", "message", "collection", "top_k", "cursor", "limit", "after", "user_id", "start", "end", "explain"]
)
VALUES = st.binary(max_size=8) | st.sampled_from([b"\xed\xa0\x80", b"\0", b"NaN", b"Infinity", b"9" * 40])


@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
@given(path=QUERIES, query=st.dictionaries(PARAMETERS, VALUES, max_size=4))
async def test_no_query_makes_a_500(client: httpx.AsyncClient, path: str, query: dict[str, bytes]) -> None:
    response = await client.get(f"{path}?{urlencode(query)}")
    assert response.status_code < 500
