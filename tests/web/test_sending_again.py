"""A request that failed may be sent again under its Idempotency-Key; after a status it is as if it had never come."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from scripted_service import QUOTE, ScriptedService, answer_script

from ragchat.answering.events import Error, Token
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


FELL_OVER = [Token("Hold"), Error("upstream_failed", "The model's service failed.", retryable=True)]


@pytest.mark.parametrize("path", ["/v1/chat", "/v1/chat/stream"])
@pytest.mark.parametrize("elsewhere", [False, True], ids=["same worker", "another worker"])
def test_what_failed_after_its_first_words_is_asked_anew_too(
    tmp_path: Path, serve: Serve, url: str, path: str, elsewhere: bool
) -> None:
    here, there = (ScriptedService(tmp_path, FELL_OVER, database_url=url) for _ in range(2))
    with serve(here) as one, serve(there) as other:
        for base in (one, other):  # both have seen the key, and know of a failure only
            assert "upstream_failed" in httpx.post(f"{base}{path}", json=BODY, headers=KEY).text
        here.script = there.script = answer_script()
        first = other if elsewhere else one
        another = httpx.post(f"{first}{path}", json={**BODY, "message": "Why?"}, headers=KEY)
        assert (another.status_code, another.json()["code"]) == (422, "idempotency_key_reused")
        with ThreadPoolExecutor(20) as pool:
            bases = [first, one, other] * 10
            sent = [pool.submit(httpx.post, f"{base}/v1/chat", json=BODY, headers=KEY) for base in bases]
        answers = [future.result().json() for future in sent]
        assert {answer["response"] for answer in answers} == {QUOTE}
        assert len({answer["message_id"] for answer in answers}) == 1
        messages = httpx.get(f"{one}/v1/conversations/c1/messages").json()["messages"]
    assert [len(here.asked), len(there.asked)] in ([1, 2], [2, 1])
    assert [message["status"] for message in messages if message["role"] == "assistant"].count(
        "complete"
    ) == 1
