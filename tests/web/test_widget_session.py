"""The widget's session: a public site id becomes a visitor's token, on pages that are listed and nowhere else."""

from pathlib import Path

import httpx
import pytest
from pydantic import ValidationError
from scripted_service import ScriptedService

from ragchat.settings import Settings
from ragchat.web.app import create_app

SHOP = "https://shop.example"


class Issued:
    """Signs by writing down what it is asked to sign."""

    async def issue(self, *, site: str, origin: str, session: str) -> tuple[str, int]:
        return f"rcw_{site} {origin} {session}", 900


def app_for(tmp_path: Path, **settings: object) -> httpx.AsyncClient:
    app = create_app(
        ScriptedService(tmp_path, widget_origins=(f"shop={SHOP}", "http://localhost:4000"), **settings)
    )
    app.state.widget_tokens = Issued()
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost")


async def test_a_visitor_gets_a_token_bound_to_site_origin_and_session(tmp_path: Path) -> None:
    async with app_for(tmp_path) as client:
        first = await client.post("/v1/widget/session", json={"site": "shop"}, headers={"Origin": SHOP})
        assert first.status_code == 200
        issued = first.json()
        assert issued["token"] == f"rcw_shop {SHOP} {issued['session']}"
        assert issued["expires_in"] == 900
        assert len(issued["session"]) == 32
        assert first.headers["access-control-allow-origin"] == SHOP
        assert "set-cookie" not in first.headers
        again = await client.post(
            "/v1/widget/session",
            json={"site": "shop", "session": issued["session"]},
            headers={"Origin": SHOP},
        )
        assert again.json()["session"] == issued["session"]


@pytest.mark.parametrize(
    ("site", "origin"),
    [
        ("shop", "https://evil.example"),
        ("shop", "http://localhost:4000"),
        ("default", SHOP),
        ("shop", "https://shop.example.evil.example"),
        ("shop", "null"),
        ("shop", None),
    ],
)
async def test_any_other_page_is_refused(tmp_path: Path, site: str, origin: str | None) -> None:
    async with app_for(tmp_path) as client:
        headers = {} if origin is None else {"Origin": origin}
        response = await client.post("/v1/widget/session", json={"site": site}, headers=headers)
        assert (response.status_code, response.json()["code"]) == (403, "origin_not_allowed")


async def test_a_made_up_session_is_not_taken_over(tmp_path: Path) -> None:
    async with app_for(tmp_path) as client:
        response = await client.post(
            "/v1/widget/session", json={"site": "shop", "session": "admin"}, headers={"Origin": SHOP}
        )
        assert response.json()["session"] != "admin"


async def test_listed_pages_may_call_the_service_and_others_may_not(tmp_path: Path) -> None:
    async with app_for(tmp_path) as client:
        for origin, allowed in ((SHOP, SHOP), ("https://evil.example", None)):
            asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
            asked["Access-Control-Request-Headers"] = "authorization, content-type"
            response = await client.options("/v1/chat/stream", headers=asked)
            assert response.headers.get("access-control-allow-origin") == allowed


async def test_a_server_that_asks_for_no_keys_issues_empty_tokens(tmp_path: Path) -> None:
    app = create_app(ScriptedService(tmp_path, widget_origins=(SHOP,)))
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client,
    ):
        response = await client.post("/v1/widget/session", json={}, headers={"Origin": SHOP})
        assert response.json()["token"] == ""


@pytest.mark.parametrize(
    "wrong", ["shop.example", "https://shop.example/path", "https://*.example", "*", "a b=https://x.example"]
)
def test_an_origin_that_browsers_never_send_is_a_wrong_setting(wrong: str) -> None:
    with pytest.raises(ValidationError, match="is not an origin"):
        Settings(_env_file=None, widget_origins=wrong)
