"""Asking over HTTP: whole answers, streams, conversations that go on."""

import asyncio
import json

import httpx
import pytest
from scripted_service import CITATION, FAILED, NO_INDEX, QUOTE, SOURCE, ScriptedService

from ragchat.answering.events import Done, Refusal, Sources, Token
from ragchat.errors import UpstreamFailed, UsageError


def events_of(body: str) -> list[dict[str, object]]:
    """The data of every frame, in order."""
    frames = [frame for frame in body.split("\n\n") if frame and not frame.startswith(":")]
    return [
        json.loads(line[6:]) for frame in frames for line in frame.split("\n") if line.startswith("data: ")
    ]


async def test_a_whole_answer_names_its_sources_citations_and_cost(client: httpx.AsyncClient) -> None:
    reply = (await client.post("/v1/chat", json={"message": "How do I reset it?"})).json()

    assert reply["response"] == QUOTE
    assert reply["finish"] == "answered"
    assert reply["citations"][0]["quote"] == CITATION.quote
    assert reply["citations"][0]["verified"] is True
    assert reply["sources"][0]["title"] == SOURCE.title
    assert reply["tokens_used"] == 8
    assert reply["usage"] == {"input_tokens": 3, "output_tokens": 5}
    assert reply["message_count"] == 2
    assert reply["generation"] == 4
    assert reply["refusal"] is None
    assert reply["latency_ms"] > 0


async def test_a_stream_is_the_events_with_numbers_and_names(client: httpx.AsyncClient) -> None:
    response = await client.post("/v1/chat/stream", json={"message": "How?"})

    assert response.headers["content-type"].startswith("text/event-stream")
    assert response.headers["cache-control"] == "no-store"
    events = events_of(response.text)
    assert [event["type"] for event in events] == [
        "start", "step", "step", "sources", "token", "token", "citation", "done",
    ]  # fmt: skip
    assert [event["seq"] for event in events] == list(range(8))
    assert response.text.startswith("id: 0\nevent: start\ndata: ")
    assert (
        "".join(str(event["token"]) for event in events if event["type"] == "token") == events[-1]["response"]
    )
    assert events[0]["message_id"] == response.headers["x-message-id"]


async def test_event_source_gets_unnamed_events_and_is_told_not_to_ask_again(
    client: httpx.AsyncClient,
) -> None:
    response = await client.get("/v1/chat/stream", params={"message": "How?"})
    assert "event:" not in response.text
    assert events_of(response.text)[-1]["type"] == "done"

    again = await client.get("/v1/chat/stream", params={"message": "How?"}, headers={"Last-Event-ID": "7"})
    assert again.status_code == 204


async def test_text_is_the_words_and_then_the_sources(client: httpx.AsyncClient) -> None:
    response = await client.post("/v1/chat/stream", json={"message": "How?", "stream_format": "text"})
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    sources = f'[1] Router manual, p. 3, Reset: "{QUOTE}"\n'
    assert response.text == f"{QUOTE} [1]\n\n{sources}1 of 1 quote stands word for word in the documents.\n"


async def test_a_conversation_goes_on_and_keeps_what_its_answers_rest_on(
    client: httpx.AsyncClient, service: ScriptedService
) -> None:
    first = (await client.post("/v1/chat", json={"message": "How?", "user_id": "ada"})).json()
    second = await client.post(
        "/v1/chat",
        json={"message": "And then?", "conversation_id": first["conversation_id"], "user_id": "ada"},
    )
    assert second.json()["message_count"] == 4

    told = service.asked[1][1]["history"]
    assert [(turn.role, turn.content) for turn in told] == [("user", "How?"), ("assistant", QUOTE)]

    stored = (await client.get(f"/v1/conversations/{first['conversation_id']}?user_id=ada")).json()
    assert stored["conversation"]["user_id"] == "ada"
    assert [message["content"] for message in stored["messages"]] == ["How?", QUOTE, "And then?", QUOTE]
    assert stored["messages"][1]["citations"] == first["citations"]
    assert stored["messages"][1]["sources"] == first["sources"]


async def test_the_count_of_messages_is_this_answers_under_parallel_questions(
    client: httpx.AsyncClient,
) -> None:
    bodies = [{"message": f"q{number}", "conversation_id": "c1"} for number in range(12)]
    replies = await asyncio.gather(*(client.post("/v1/chat", json=body) for body in bodies))
    assert sorted(reply.json()["message_count"] for reply in replies) == list(range(2, 26, 2))


async def test_a_refusal_within_filters_is_no_gap(
    client: httpx.AsyncClient, service: ScriptedService
) -> None:
    refusal = Refusal("no_match", "No.")
    service.script = [Token("No."), Done("refused", "No.", refusal=refusal)]
    narrowed = {"message": "Which colour?", "filters": {"metadata": {"product": "t9"}}}
    reply = (await client.post("/v1/chat", json=narrowed)).json()
    await client.post("/v1/chat", json={"message": "How heavy is it?", "filters": {}})

    gaps = (await client.get("/v1/gaps")).json()["gaps"]
    assert [gap["question"] for gap in gaps] == ["How heavy is it?"]
    kept = (await client.get(f"/v1/messages/{reply['message_id']}")).json()
    assert kept["refusal"]["reason"] == "no_match"


async def test_citations_lead_into_the_collection_that_was_asked(client: httpx.AsyncClient) -> None:
    elsewhere = (await client.post("/v1/chat", json={"message": "How?", "collection": "manuals"})).json()
    assert elsewhere["citations"][0]["url"] == f"{CITATION.url}&collection=manuals"
    stored = (await client.get(f"/v1/messages/{elsewhere['message_id']}")).json()
    assert stored["citations"] == elsewhere["citations"]

    streamed = await client.post("/v1/chat/stream", json={"message": "How?", "collection": "manuals"})
    cited = [event["citation"] for event in events_of(streamed.text) if event["type"] == "citation"]
    assert cited == elsewhere["citations"]

    for collection in (None, "default"):
        reply = (await client.post("/v1/chat", json={"message": "How?", "collection": collection})).json()
        assert reply["citations"][0]["url"] == CITATION.url


async def test_choices_of_a_request_reach_the_answerer(
    client: httpx.AsyncClient, service: ScriptedService
) -> None:
    body = {
        "message": "How?",
        "top_k": 3,
        "grounding": "strict",
        "system_prompt": "Be brief.",
        "preferences": {"language": "de", "topics": ["routers", "power"]},
        "filters": {"document_ids": ["d1"], "metadata": {"product": "r1", "year": [2024, 2025]}},
        "temperature": 0.2,
        "top_p": 0.9,
        "max_tokens": 300,
    }
    assert (await client.post("/v1/chat", json=body)).status_code == 200
    options = service.asked[0][1]
    assert (options["top_k"], options["grounding"], options["system_prompt"]) == (3, "strict", "Be brief.")
    assert options["preferences"] == {"language": "de", "topics": "routers, power"}
    assert options["parameters"] == {"temperature": 0.2, "top_p": 0.9, "max_tokens": 300}
    assert options["filters"].document_ids == ("d1",)
    assert options["filters"].metadata == {"product": ("r1",), "year": (2024, 2025)}
    assert options["filters"].acl is None


@pytest.mark.parametrize("path", ["/v1/chat", "/v1/chat/stream"])
async def test_what_fails_before_the_first_event_is_a_status(
    client: httpx.AsyncClient, service: ScriptedService, path: str
) -> None:
    service.unready = NO_INDEX
    response = await client.post(path, json={"message": "How?"})
    assert response.status_code == 503
    assert response.json()["code"] == "no_index"
    assert "ragchat ingest" in response.json()["hint"]
    assert service.asked == []

    service.unready = None
    service.script = [UsageError("There is no model 'x'.", code="unknown_model")]
    response = await client.post(path, json={"message": "How?", "model": "x"})
    assert (response.status_code, response.json()["code"]) == (400, "unknown_model")


async def test_what_fails_in_the_stream_is_an_error_event_and_a_problem_for_whole_answers(
    client: httpx.AsyncClient, service: ScriptedService
) -> None:
    service.script = [Sources((SOURCE,)), Token("Hold the"), FAILED]
    response = await client.post("/v1/chat/stream", json={"message": "How?"})
    assert response.status_code == 200
    assert events_of(response.text)[-1] == {
        "seq": 3, "type": "error", "code": "upstream_failed", "message": FAILED.message, "retryable": True,
    }  # fmt: skip

    whole = await client.post("/v1/chat", json={"message": "How?"})
    assert (whole.status_code, whole.json()["code"]) == (502, "upstream_failed")


async def test_an_answerer_that_breaks_still_ends_the_stream_and_tells_nothing(
    client: httpx.AsyncClient, service: ScriptedService, caplog: pytest.LogCaptureFixture
) -> None:
    service.script = [Token("Hold"), RuntimeError("secret-4711 in /srv/keys")]
    response = await client.post("/v1/chat/stream", json={"message": "How?"})
    events = events_of(response.text)
    assert [event["type"] for event in events] == ["start", "token", "error"]
    assert events[-1]["code"] == "internal"
    assert "4711" not in response.text

    service.script = [UpstreamFailed("Slow down.", code="rate_limited"), Token("never")]
    assert (await client.post("/v1/chat", json={"message": "How?"})).status_code == 502

    stored = await service.conversations.message(str(events[0]["message_id"]))
    assert (stored.status, stored.content) == ("partial", "Hold")


async def test_old_addresses_work_and_are_not_in_the_schema(client: httpx.AsyncClient) -> None:
    reply = (await client.post("/chat", json={"message": "How?"})).json()
    assert (await client.get("/chat/stream", params={"message": "How?"})).status_code == 200
    assert (await client.get(f"/conversations/{reply['conversation_id']}")).status_code == 200
    paths = (await client.get("/openapi.json")).json()["paths"]
    assert "/v1/chat" in paths
    assert "/chat" not in paths
    assert "/conversations" not in paths
