"""A visitor's token opens chat from its own page and nothing else, where the server asks for keys."""

from pathlib import Path

import httpx
from scripted_service import ScriptedService

from ragchat.web.app import create_app

SHOP = "https://shop.example"
ELSEWHERE = "https://elsewhere.example"


async def test_a_visitors_token_opens_chat_from_its_own_page_only(tmp_path: Path) -> None:
    app = create_app(ScriptedService(tmp_path, widget_origins=(f"shop={SHOP}",), api_keys="required"))
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://localhost") as client,
    ):
        begun = await client.post("/v1/widget/session", json={"site": "shop"}, headers={"Origin": SHOP})
        assert begun.status_code == 200
        shown = {"Authorization": f"Bearer {begun.json()['token']}"}
        question = {"message": "How?"}
        assert (await client.post("/v1/chat", json=question)).status_code == 401
        asked = await client.post("/v1/chat", json=question, headers={**shown, "Origin": SHOP})
        assert asked.status_code == 200
        stolen = await client.post("/v1/chat", json=question, headers={**shown, "Origin": ELSEWHERE})
        assert stolen.status_code == 403
        assert (await client.get("/v1/gaps", headers={**shown, "Origin": SHOP})).status_code == 403
        other = await client.post("/v1/widget/session", json={"site": "shop"}, headers={"Origin": ELSEWHERE})
        assert other.status_code == 403
