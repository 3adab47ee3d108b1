"""DNS rebinding: a server on loopback answers to loopback's names and those it is told; elsewhere it checks if told."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from scripted_service import ScriptedService

from ragchat.errors import UsageError
from ragchat.settings import load_settings
from ragchat.web.app import create_app
from ragchat.web.guards.hosts import is_loopback, name_of

OURS = ["localhost", "localhost:8000", "LOCALHOST:1", "127.0.0.1", "127.0.0.1:65535", "[::1]", "[::1]:8000"]
OTHERS = [
    "evil.example", "evil.example:8000", "localhost.evil.example", "127.0.0.1.evil.example", "10.0.0.1:8000",
    "[::2]:8000", "::1", "[::1", "[::1]x", "localhost:x", "evil@localhost", "localhost evil", "",
]  # fmt: skip


@asynccontextmanager
async def bound_to(host: str, directory: Path, allowed: str = "") -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(ScriptedService(directory, host=host, allowed_hosts=allowed))
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client,
    ):
        yield client


@pytest.mark.parametrize("bound", ["127.0.0.1", "localhost", "::1", "[::1]"])
async def test_on_loopback_only_its_own_names_are_answered(tmp_path: Path, bound: str) -> None:
    async with bound_to(bound, tmp_path) as client:
        for host in OURS:
            assert (await client.get("/healthz", headers={"Host": host})).status_code == 200, host
        for host in OTHERS:
            refused = await client.get("/healthz", headers={"Host": host})
            assert refused.status_code == 421, host
            assert refused.headers["content-type"] == "application/problem+json"
            assert refused.json()["code"] == "misdirected_request"
            assert refused.json()["request_id"] == refused.headers["x-request-id"]
            assert "evil" not in refused.text


async def test_every_route_is_guarded(tmp_path: Path) -> None:
    async with bound_to("127.0.0.1", tmp_path) as client:
        for method, path in (
            ("POST", "/v1/chat"),
            ("GET", "/"),
            ("GET", "/static/chat.js"),
            ("GET", "/none"),
        ):
            refused = await client.request(method, path, headers={"Host": "evil.example"})
            assert refused.status_code == 421, path


@pytest.mark.parametrize("bound", ["0.0.0.0", "::", "10.1.2.3", "chat.example.com"])
async def test_bound_elsewhere_nothing_is_checked(tmp_path: Path, bound: str) -> None:
    async with bound_to(bound, tmp_path) as client:
        for host in ("chat.example.com", "10.1.2.3:8000", "localhost"):
            assert (await client.get("/healthz", headers={"Host": host})).status_code == 200


def test_an_address_of_loopback_that_is_bound_is_a_name_of_ours() -> None:
    assert is_loopback("127.8.8.8")
    assert is_loopback("::ffff:127.0.0.1")
    assert not is_loopback("192.168.1.1")
    assert not is_loopback("")
    assert name_of("[::FFFF:7f00:1]:80") == "::ffff:7f00:1"


@pytest.mark.parametrize("bound", ["127.0.0.1", "0.0.0.0"])
async def test_names_of_a_proxy_are_answered_where_they_are_allowed(tmp_path: Path, bound: str) -> None:
    async with bound_to(bound, tmp_path, "chat.example.com, [2001:db8::1]") as client:
        for host in ("chat.example.com", "CHAT.example.com:443", "[2001:db8::1]:8000", *OURS):
            assert (await client.get("/healthz", headers={"Host": host})).status_code == 200, host
        for host in ("evil.example", "example.com", "a.chat.example.com", ""):
            refused = await client.get("/healthz", headers={"Host": host})
            assert refused.status_code == 421, host
            assert "RAGCHAT_ALLOWED_HOSTS" in refused.json()["hint"]


@pytest.mark.parametrize(
    "wrong", ["https://chat.example.com", "chat.example.com:8000", "*.example.com", "a/b"]
)
def test_what_is_no_name_is_refused_with_the_setting(wrong: str) -> None:
    with pytest.raises(UsageError, match=r"RAGCHAT_ALLOWED_HOSTS.*without scheme, port and path"):
        load_settings(allowed_hosts=wrong)
