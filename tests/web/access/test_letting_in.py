"""How a caller shows who it is, from where it may, and how soon a key that is revoked is worth nothing."""

import threading
import time
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from keyed_server import Keyed
from scripted_service import Gate, ScriptedService, answer_script

from ragchat.access.store import KeyStore
from ragchat.access.tokens import Tokens, Visit
from tests.support.serving import served

ASK = {"message": "How do I reset the router?"}


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Bearer {}"},
        {"authorization": "bearer {}"},
        {"X-API-Key": "{}"},
    ],
)
def test_a_key_is_taken_from_either_header(keyed: Keyed, headers: dict[str, str]) -> None:
    key = keyed.key()
    sent = {name: value.format(key) for name, value in headers.items()}
    assert httpx.post(f"{keyed.base}/v1/chat", json=ASK, headers=sent).status_code == 200


def test_a_refusal_is_a_problem_that_says_what_to_do_and_not_what_was_sent(keyed: Keyed) -> None:
    without = httpx.post(f"{keyed.base}/v1/chat", json=ASK)
    assert without.headers["www-authenticate"].startswith("Bearer")
    assert without.json()["code"] == "unauthorized"
    assert "Authorization" in without.json()["hint"]
    wrong = httpx.post(f"{keyed.base}/v1/chat", json=ASK, headers={"X-API-Key": "rck_secret-secret"})
    assert wrong.status_code == 401
    assert "secret-secret" not in wrong.text
    assert wrong.headers["x-request-id"] == wrong.json()["request_id"]


def test_a_key_in_the_address_is_not_taken(keyed: Keyed) -> None:
    key = keyed.key()
    assert httpx.get(f"{keyed.base}/v1/search?q=router&token={key}").status_code == 401


def test_a_new_key_works_at_once_and_a_revoked_one_within_five_seconds(keyed: Keyed) -> None:
    for _ in range(3):
        key = keyed.key("short")
        with keyed.client(key) as client:
            assert client.get("/v1/search", params={"q": "router"}).status_code == 200
            keyed.store.revoke("short")
            until = time.monotonic() + 5
            while client.get("/v1/search", params={"q": "router"}).status_code == 200:
                assert time.monotonic() < until
                time.sleep(0.1)
            assert client.get("/v1/search", params={"q": "router"}).status_code == 401


def test_a_key_expires_while_it_is_in_use(keyed: Keyed) -> None:
    key = keyed.key("brief", expires=datetime.now(UTC) + timedelta(seconds=1.5))
    with keyed.client(key) as client:
        assert client.get("/v1/search", params={"q": "router"}).status_code == 200
        time.sleep(1.6)
        assert client.get("/v1/search", params={"q": "router"}).status_code == 401


def test_an_open_stream_is_cut_within_five_seconds_without_an_end(keyed: Keyed) -> None:
    gate = Gate()
    keyed.service.script = [*answer_script()[:4], gate, *answer_script()[4:]]
    seen = ""
    with (
        keyed.client(keyed.key("stream"), timeout=20) as client,
        client.stream("POST", "/v1/chat/stream", json=ASK) as reply,
    ):
        assert reply.status_code == 200
        with pytest.raises(httpx.RemoteProtocolError):  # noqa: PT012 - the connection breaks while it is read
            for piece in reply.iter_text():
                seen += piece
                if "event: token" in seen and not gate.opened.is_set():
                    keyed.store.revoke("stream")
                    revoked = time.monotonic()
                    threading.Timer(8, gate.opened.set).start()
    assert time.monotonic() - revoked < 5
    assert "event: done" not in seen
    gate.opened.set()


def test_streams_of_other_keys_go_on(keyed: Keyed) -> None:
    gate = Gate()
    keyed.service.script = [*answer_script()[:4], gate, *answer_script()[4:]]
    seen = ""
    keyed.key("gone")
    with (
        keyed.client(keyed.key("stays"), timeout=20) as client,
        client.stream("POST", "/v1/chat/stream", json=ASK) as reply,
    ):
        for piece in reply.iter_text():
            seen += piece
            if "event: token" in seen and not gate.opened.is_set():
                keyed.store.revoke("gone")
                time.sleep(4.5)
                gate.opened.set()
    assert "event: done" in seen


def test_a_key_for_a_page_is_good_from_there_only(keyed: Keyed) -> None:
    key = keyed.key("page", origins=frozenset({"https://shop.example"}))
    with keyed.client(key) as client:
        from_there = client.post("/v1/chat", json=ASK, headers={"Origin": "https://shop.example"})
        assert from_there.status_code == 200
        assert from_there.headers["access-control-allow-origin"] == "https://shop.example"
        for origin in ("https://evil.example", "http://shop.example", "null"):
            refused = client.post("/v1/chat", json=ASK, headers={"Origin": origin})
            assert (refused.status_code, refused.json()["code"]) == (403, "origin_not_allowed")
        assert client.post("/v1/chat", json=ASK).status_code == 403


def test_browsers_may_ask_first_with_any_header_that_we_take(keyed: Keyed) -> None:
    key = keyed.key("page", origins=frozenset({"https://shop.example"}))
    with keyed.client() as client:
        client.get("/v1/search", headers={"X-API-Key": key})  # the keys have been read
        for header in ("x-api-key", "authorization", "content-type", "last-event-id", "idempotency-key"):
            asked = {
                "Origin": "https://shop.example",
                "Access-Control-Request-Method": "POST",
                "Access-Control-Request-Headers": header,
            }
            assert client.options("/v1/chat", headers=asked).status_code == 200, header
        asked["Origin"] = "https://evil.example"
        assert "access-control-allow-origin" not in client.options("/v1/chat", headers=asked).headers


def test_a_visitor_of_the_widget_comes_in_until_its_key_is_revoked(keyed: Keyed) -> None:
    issuer, _ = keyed.store.create(name="site", scopes=frozenset({"chat"}))
    token = Tokens(keyed.store.token_secret()).issue(
        Visit("shop", "https://shop.example", "s1", key=issuer.id)
    )
    from_there = {"Origin": "https://shop.example"}
    with keyed.client(token, headers=from_there) as client:
        assert client.post("/v1/chat", json=ASK).status_code == 200
        assert client.get("/v1/gaps").status_code == 403
    with keyed.client(headers=from_there) as client:  # for EventSource
        assert client.get("/v1/chat/stream", params={**ASK, "token": token}).status_code == 200
    with keyed.client(token, headers={"Origin": "https://evil.example"}) as client:
        assert client.post("/v1/chat", json=ASK).status_code == 403
    keyed.store.revoke(issuer.id)
    time.sleep(1.1)
    with keyed.client(token, headers=from_there) as client:
        assert client.post("/v1/chat", json=ASK).status_code == 401


def test_a_key_sees_its_collections_only(keyed: Keyed) -> None:
    with keyed.client(keyed.key("bound", collections=frozenset({"other"}))) as client:
        for reply in (
            client.post("/v1/chat", json=ASK),
            client.post("/v1/chat", json={**ASK, "collection": "default"}),
            client.get("/v1/search", params={"q": "router"}),
            client.get("/v1/documents"),
            client.get("/v1/suggestions"),
        ):
            assert (reply.status_code, reply.json()["code"]) == (404, "no_such_collection")
        assert client.post("/v1/chat", json={**ASK, "collection": "other"}).status_code == 200


class TestOnLoopback:
    """A server for whoever sits at this machine."""

    def test_it_is_open_until_the_first_key_is_made_and_stays_locked(self, tmp_path) -> None:
        service = ScriptedService(tmp_path)
        store = KeyStore(service.settings.keys_url)
        with served(service) as base, httpx.Client(base_url=base) as client:
            assert client.post("/v1/chat", json=ASK).status_code == 200
            assert client.get("/v1/gaps").status_code == 200
            store.create(name="first", scopes=frozenset({"chat"}))
            time.sleep(1.1)
            assert client.post("/v1/chat", json=ASK).status_code == 401
            store.revoke("first")
            time.sleep(1.1)
            assert client.post("/v1/chat", json=ASK).status_code == 401

    def test_a_key_that_is_not_good_is_refused_all_the_same(self, tmp_path) -> None:
        with served(ScriptedService(tmp_path)) as base:
            assert httpx.get(f"{base}/healthz", headers={"X-API-Key": "nonsense"}).status_code == 401

    def test_when_the_keys_cannot_be_read_nobody_new_comes_in(self, tmp_path) -> None:
        (tmp_path / "keys.sqlite").write_bytes(b"no database at all " * 100)
        with served(ScriptedService(tmp_path)) as base:
            refused = httpx.post(f"{base}/v1/chat", json=ASK)
            assert (refused.status_code, refused.json()["code"]) == (503, "keys_unavailable")
