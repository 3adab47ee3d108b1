"""A request that failed by a status is as if it had never come: it may be sent again under its Idempotency-Key."""

from pathlib import Path

import httpx
import pytest
from scripted_service import ScriptedService, answer_script

from ragchat.errors import NotFound, UpstreamFailed
from tests.support.serving import Serve

KEY = {"Idempotency-Key": "4711-abc"}
BODY = {"message": "How?", "conversation_id": "c1"}


@pytest.mark.parametrize("path", ["/v1/chat", "/v1/chat/stream"])
@pytest.mark.parametrize(
    ("failure", "status"),
    [(NotFound("?", code="model_not_served"), 404), (UpstreamFailed("gone"), 502)],
    ids=["not served", "upstream"],
)
def test_what_failed_before_its_first_event_is_asked_anew(
    tmp_path: Path, serve: Serve, path: str, failure: Exception, status: int
) -> None:
    here, there = ScriptedService(tmp_path, [failure]), ScriptedService(tmp_path, [failure])
    with serve(here) as one, serve(there) as other:
        for base in (one, one, other, other):
            failed = httpx.post(f"{base}{path}", json=BODY, headers=KEY)
            assert failed.status_code == status, failed.text
        assert httpx.get(f"{one}/v1/conversations/c1/messages").json()["messages"] == []
        here.script = there.script = answer_script()
        first = httpx.post(f"{one}/v1/chat", json=BODY, headers=KEY).json()
        again = httpx.post(f"{other}/v1/chat", json=BODY, headers=KEY).json()
        assert again["message_id"] == first["message_id"]
        assert first["message_count"] == 2
    assert [len(service.asked) for service in (here, there)] == [3, 2]
    assert here.asked[-1][1]["history"] == ()
