"""What an operator sees: measurements, the readiness report, one line a request."""

import json
from pathlib import Path

import httpx
import pytest
from scripted_service import FAILED, NO_INDEX, ScriptedService, answer_script
from structlog.testing import capture_logs

from ragchat.answering.events import Done, Refusal
from tests.support.serving import served

ASK = {"message": "How do I reset the router?"}


def metrics(client: httpx.Client) -> dict[str, float]:
    """Samples by name and labels, as Prometheus reads them."""
    lines = [line for line in client.get("/metrics").text.splitlines() if line and not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def test_answers_tokens_refusals_and_the_cache_are_counted(tmp_path: Path) -> None:
    service = ScriptedService(tmp_path, answer_cache="on")
    with served(service) as base, httpx.Client(base_url=base) as client:
        for _ in range(2):
            client.post("/v1/chat", json=ASK)
        service.script = [Done("refused", "No.", refusal=Refusal("no_match", "No."))]
        client.post("/v1/chat", json={"message": "What is love?"})
        service.script = [FAILED]
        client.post("/v1/chat", json={"message": "Is it broken?"})
        told = metrics(client)
    assert told['ragchat_answers_total{finish="answered"}'] == 2
    assert told['ragchat_answers_total{finish="refused"}'] == 1
    assert told['ragchat_answers_total{finish="error"}'] == 1
    assert told['ragchat_refusals_total{reason="no_match"}'] == 1
    assert told['ragchat_tokens_total{direction="input"}'] == 3
    assert told['ragchat_tokens_total{direction="output"}'] == 5
    assert told['ragchat_answer_cache_total{outcome="hit"}'] == 1
    assert told['ragchat_answer_cache_total{outcome="miss"}'] == 3
    assert told['ragchat_index_generation{collection="default"}'] == 4
    assert told["ragchat_first_token_seconds_count"] == 2
    assert told['ragchat_requests_total{method="POST",route="/v1/chat",status="200"}'] == 3
    assert told['ragchat_request_seconds_bucket{le="60.0",route="/v1/chat"}'] == 4


def test_what_clients_choose_is_no_label(tmp_path: Path) -> None:
    with served(ScriptedService(tmp_path, answer_cache="on")) as base, httpx.Client(base_url=base) as client:
        for number in range(5):
            client.get(f"/nowhere/{number}")
            client.get(f"/v1/messages/m{number}")
        routes = {name for name in metrics(client) if name.startswith("ragchat_requests_total")}
    assert len(routes) == 2
    assert any('route="/v1/messages/{message_id}"' in name for name in routes)
    assert any('route="unmatched"' in name for name in routes)


def test_readiness_tells_each_part(tmp_path: Path) -> None:
    service = ScriptedService(tmp_path, answer_cache="on")
    with served(service) as base, httpx.Client(base_url=base) as client:
        state = client.get("/health/ready").json()
        assert (state["ready"], state["conversations"], state["upstream"]) == (True, "ok", "unused")
        assert state["disk"] == "ok"
        client.post("/v1/chat", json=ASK)
        assert client.get("/health/ready").json()["upstream"] == "ok"
        service.script = [*answer_script()[:4], FAILED]
        client.post("/v1/chat", json={"message": "Another question?"})
        failing = client.get("/health/ready")
        assert (failing.status_code, failing.json()["upstream"]) == (200, "failing")
        service.unready = NO_INDEX
        assert client.get("/health/ready").status_code == 503


@pytest.mark.parametrize("path", ["/v1/chat", "/v1/chat/stream"])
def test_the_line_of_a_request_says_who_where_and_how_long_and_no_word_of_it(
    tmp_path: Path, path: str
) -> None:
    with capture_logs() as lines, served(ScriptedService(tmp_path, answer_cache="on")) as base:
        httpx.post(f"{base}{path}", json={"message": "zebra"}, params={"q": "zebra"})
    line = next(line for line in lines if line["event"] == "request")
    assert (line["method"], line["route"], line["status"], line["principal"]) == ("POST", path, 200, "anyone")
    assert line["milliseconds"] > 0
    assert "zebra" not in json.dumps(lines, default=str)
    assert "problem" not in line


def test_the_line_of_a_refused_request_says_why(tmp_path: Path) -> None:
    with capture_logs() as lines, served(ScriptedService(tmp_path)) as base:
        httpx.get(f"{base}/v1/conversations/nobody")
    line = next(line for line in lines if line["event"] == "request")
    assert (line["status"], line["problem"]) == (404, "conversation_not_found")


def test_the_schema_says_how_a_key_is_sent(tmp_path: Path) -> None:
    with served(ScriptedService(tmp_path, answer_cache="on")) as base:
        schema = httpx.get(f"{base}/openapi.json").json()
    assert set(schema["components"]["securitySchemes"]) == {"bearer", "key"}
    asked = schema["paths"]["/v1/chat"]["post"]
    assert {"200", "401", "403", "422", "429", "503"} <= set(asked["responses"])
    assert "security" not in schema["paths"]["/healthz"]["get"]
