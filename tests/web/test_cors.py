"""What pages of listed origins may send and read."""

from pathlib import Path

import httpx
import pytest
from scripted_service import ScriptedService

from ragchat.web.app import create_app

ORIGIN = "https://desk.example"


@pytest.mark.parametrize(
    "header", ["X-API-Key", "Authorization", "Content-Type", "Last-Event-ID", "Idempotency-Key"]
)
async def test_a_page_may_send_keys_and_what_a_stream_needs(tmp_path: Path, header: str) -> None:
    app = create_app(ScriptedService(tmp_path, cors_origins=ORIGIN))
    asked = {
        "Origin": ORIGIN,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": header,
    }
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
        allowed = await client.options("/v1/chat/stream", headers=asked)
        refused = await client.options("/v1/chat/stream", headers=asked | {"Origin": "https://evil.example"})
    assert allowed.status_code == 200
    assert header.lower() in allowed.headers["access-control-allow-headers"].lower()
    assert "access-control-allow-origin" not in refused.headers
