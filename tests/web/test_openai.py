"""OpenAI's own client against a real socket: it reads our answers, their citations, their cost and our errors."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import openai
import pytest
from openai import OpenAI
from scripted_service import CITATION, FAILED, NO_INDEX, QUOTE, ScriptedService, answer_script

from ragchat.answering.events import Done, Refusal, Step, Token
from tests.support.serving import Serve, served

ASKED = [{"role": "user", "content": "How do I reset the router?"}]


def client_of(base: str) -> OpenAI:
    return OpenAI(base_url=f"{base}/v1", api_key="none", max_retries=0)


@pytest.fixture
def scripted(tmp_path: Path) -> ScriptedService:
    return ScriptedService(tmp_path)


@pytest.fixture
def client(scripted: ScriptedService) -> Iterator[OpenAI]:
    with served(scripted) as base, client_of(base) as opened:
        yield opened


def test_a_completion_of_real_documents_has_its_citations_as_annotations(base: str) -> None:
    with client_of(base) as client:
        (model,) = client.models.list().data
        whole = client.chat.completions.create(model=model.id, messages=ASKED)
    message = whole.choices[0].message
    assert "Hold the power button for ten seconds" in (message.content or "")
    assert (whole.model, whole.choices[0].finish_reason) == ("default", "stop")
    assert message.annotations
    cited = message.annotations[0].url_citation
    assert cited.title == "Router manual"
    assert "power button" in (message.content or "")[cited.start_index : cited.end_index]
    assert httpx.get(cited.url).status_code == 200
    told = whole.model_extra["ragchat"]
    assert told["finish"] == "answered"
    assert told["citations"][0]["verified"] is True
    assert told["sources"][0]["title"] == "Router manual"


def test_a_streamed_completion_is_the_same_answer_in_pieces(base: str) -> None:
    with client_of(base) as client:
        whole = client.chat.completions.create(model="default", messages=ASKED)
        chunks = list(
            client.chat.completions.create(
                model="default", messages=ASKED, stream=True, stream_options={"include_usage": True}
            )
        )
    *before, last = chunks
    deltas = [chunk.choices[0].delta for chunk in before]
    assert deltas[0].role == "assistant"
    assert "".join(delta.content or "" for delta in deltas) == whole.choices[0].message.content
    annotations = [one for delta in deltas for one in (delta.model_extra or {}).get("annotations", [])]
    assert annotations == [one.model_dump() for one in whole.choices[0].message.annotations or []]
    assert before[-1].choices[0].finish_reason == "stop"
    assert before[-1].model_extra["ragchat"]["finish"] == "answered"
    assert (last.choices, last.usage is not None) == ([], True)
    assert {chunk.id for chunk in chunks} == {chunks[0].id}


def test_usage_comes_only_where_it_is_asked_for(client: OpenAI) -> None:
    whole = client.chat.completions.create(model="default", messages=ASKED)
    assert whole.usage is not None
    assert (whole.usage.prompt_tokens, whole.usage.completion_tokens, whole.usage.total_tokens) == (3, 5, 8)
    chunks = list(client.chat.completions.create(model="default", messages=ASKED, stream=True))
    assert [chunk.usage for chunk in chunks if chunk.usage] == []
    assert all(chunk.choices for chunk in chunks)


def test_instructions_history_and_parameters_reach_the_answerer(
    client: OpenAI, scripted: ScriptedService
) -> None:
    client.chat.completions.create(
        model="manuals",
        messages=[
            {"role": "system", "content": "Be brief."},
            {"role": "developer", "content": "Say Sie."},
            {"role": "user", "content": "What is a router?"},
            {"role": "assistant", "content": "A box."},
            {"role": "user", "content": [{"type": "text", "text": "How do I reset it?"}]},
        ],
        temperature=0.3,
        top_p=0.5,
        max_completion_tokens=77,
    )
    ((question, options),) = scripted.asked
    assert (question, options["collection"]) == ("How do I reset it?", "manuals")
    assert options["system_prompt"] == "Be brief.\n\nSay Sie."
    assert [(turn.role, turn.content) for turn in options["history"]] == [
        ("user", "What is a router?"),
        ("assistant", "A box."),
    ]
    assert options["parameters"] == {"temperature": 0.3, "top_p": 0.5, "max_tokens": 77}


def test_a_refusal_and_a_blocked_answer_are_told_apart(client: OpenAI, scripted: ScriptedService) -> None:
    refusal = Refusal("no_match", "The documents do not say.")
    for finish, reason in (("refused", "stop"), ("blocked", "content_filter"), ("incomplete", "length")):
        scripted.script = [Token("No."), Done(finish, "No.", refusal=refusal)]  # type: ignore[arg-type]
        whole = client.chat.completions.create(model="default", messages=ASKED)
        assert (whole.choices[0].message.content, whole.choices[0].finish_reason) == ("No.", reason)
        assert whole.model_extra["ragchat"]["finish"] == finish
        assert whole.model_extra["ragchat"]["refusal"]["reason"] == "no_match"


def test_errors_are_those_that_the_client_knows(client: OpenAI, scripted: ScriptedService) -> None:
    create = client.chat.completions.create
    with pytest.raises(openai.NotFoundError) as missing:
        create(model="gpt-4o", messages=ASKED)
    assert missing.value.code == "model_not_found"
    assert missing.value.type == "invalid_request_error"
    with pytest.raises(openai.BadRequestError) as hot:
        create(model="default", messages=ASKED, temperature=3)
    assert hot.value.param == "temperature"
    for wrong in (
        {"n": 2},
        {"response_format": {"type": "json_object"}},
        {"tool_choice": "required"},
        {"messages": [{"role": "assistant", "content": "Hello"}]},
        {"messages": [{"role": "user", "content": " "}]},
        {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}]},
    ):
        with pytest.raises(openai.BadRequestError) as refused:
            create(**{"model": "default", "messages": ASKED, **wrong})  # type: ignore[call-overload]
        assert refused.value.code
    scripted.unready = NO_INDEX
    with pytest.raises(openai.InternalServerError) as unready:
        create(model="default", messages=ASKED)
    assert (unready.value.status_code, unready.value.code) == (503, "no_index")


@pytest.mark.parametrize("words", ["zero \0 byte", "half \ud83d of a pair"])
def test_what_no_database_can_keep_is_refused_wherever_it_stands(
    client: OpenAI, scripted: ScriptedService, words: str
) -> None:
    said = {"role": "user", "content": words}
    for path, body in (
        ("chat/completions", {"messages": [said]}),
        ("chat/completions", {"messages": [{"role": "system", "content": words}, ASKED[0]]}),
        ("chat/completions", {"messages": ASKED, "user": words}),
        ("responses", {"input": words}),
        ("responses", {"input": [said]}),
        ("responses", {"input": [{"role": "user", "content": [{"type": "input_text", "text": words}]}]}),
        ("responses", {"input": "How?", "instructions": words}),
    ):
        sent = json.dumps({"model": "default", **body})  # escapes what UTF-8 cannot carry
        headers = {"Content-Type": "application/json"}
        reply = httpx.post(f"{client.base_url}{path}", content=sent, headers=headers)
        assert reply.status_code == 400, body
        assert re.search(r"U\+0000|surrogate|unicode", reply.json()["error"]["message"]), body
    assert scripted.asked == []


def test_a_bug_is_told_in_their_shape_too(client: OpenAI, scripted: ScriptedService) -> None:
    def broken() -> list[str]:
        raise RuntimeError("zebra")

    scripted.collections = broken  # type: ignore[method-assign]
    with pytest.raises(openai.InternalServerError) as bug:
        client.models.list()
    assert (bug.value.status_code, bug.value.code) == (500, "internal")
    assert "zebra" not in str(bug.value)


def test_what_fails_before_the_first_word_is_a_status_and_an_error_after_it(
    client: OpenAI, scripted: ScriptedService
) -> None:
    scripted.script = [Step("search", "started"), FAILED]
    with pytest.raises(openai.APIStatusError) as failed:
        client.chat.completions.create(model="default", messages=ASKED, stream=True)
    assert failed.value.status_code == 502
    with pytest.raises(openai.APIStatusError):
        client.responses.create(model="default", input="How?", stream=True)

    scripted.script = [Token("Hold"), FAILED]
    stream = client.chat.completions.create(model="default", messages=ASKED, stream=True)
    with pytest.raises(openai.APIError, match="model's service failed"):
        list(stream)
    events = list(client.responses.create(model="default", input="How?", stream=True))
    assert events[-1].type == "response.failed"
    assert events[-1].response.error is not None
    assert events[-1].response.error.message == FAILED.message


def test_a_response_carries_its_citations(base: str) -> None:
    with client_of(base) as client:
        whole = client.responses.create(model="default", input="How do I reset the router?")
        events = list(
            client.responses.create(model="default", input="How do I reset the router?", stream=True)
        )
    assert (whole.status, whole.object) == ("completed", "response")
    assert "Hold the power button" in whole.output_text
    (part,) = whole.output[0].content
    assert part.annotations[0].type == "url_citation"
    assert (
        "power button" in whole.output_text[part.annotations[0].start_index : part.annotations[0].end_index]
    )

    kinds = [event.type for event in events]
    assert kinds[:4] == [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.content_part.added",
    ]
    assert kinds[-4:] == [
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.completed",
    ]
    assert [event.sequence_number for event in events] == list(range(len(events)))
    added = [event for event in events if event.type == "response.output_text.annotation.added"]
    assert [event.annotation_index for event in added] == list(range(len(part.annotations)))
    assert added[0].annotation.url == part.annotations[0].url
    said = "".join(event.delta for event in events if event.type == "response.output_text.delta")
    assert said == whole.output_text == events[-1].response.output_text


def test_a_response_goes_on_with_the_one_before(client: OpenAI, scripted: ScriptedService) -> None:
    first = client.responses.create(model="default", input="What is a router?", instructions="Be brief.")
    second = client.responses.create(
        model="default", input="How do I reset it?", previous_response_id=first.id, max_output_tokens=50
    )
    assert second.previous_response_id == first.id
    assert scripted.asked[0][1]["system_prompt"] == "Be brief."
    options = scripted.asked[1][1]
    assert [turn.content for turn in options["history"]] == ["What is a router?", QUOTE]
    assert options["parameters"] == {"max_tokens": 50}
    with pytest.raises(openai.NotFoundError):
        client.responses.create(model="default", input="How?", previous_response_id="resp_none")


def test_what_is_not_to_be_stored_is_not(client: OpenAI, scripted: ScriptedService) -> None:
    client.responses.create(model="default", input="How?", store=False)
    client.chat.completions.create(model="default", messages=ASKED, store=False)
    base = str(client.base_url).removesuffix("/v1/")
    assert httpx.get(f"{base}/v1/conversations").json()["conversations"] == []
    client.responses.create(model="default", input="How?")
    assert len(httpx.get(f"{base}/v1/conversations").json()["conversations"]) == 1


def test_the_clients_stream_helper_puts_a_response_together(client: OpenAI) -> None:
    with client.responses.stream(model="default", input="How?") as stream:
        for _ in stream:
            pass
        final = stream.get_final_response()
    assert final.output_text == QUOTE
    assert final.output[0].content[0].annotations[0].title == CITATION.document.title


def test_a_collection_is_a_model(client: OpenAI) -> None:
    assert [model.id for model in client.models.list()] == ["default", "manuals"]
    assert client.models.retrieve("manuals").id == "manuals"
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("none")


def test_citations_lead_into_the_collection_that_is_the_model(tmp_path: Path, serve: Serve) -> None:
    with serve(ScriptedService(tmp_path, answer_script())) as base, client_of(base) as client:
        whole = client.chat.completions.create(model="manuals", messages=ASKED)
    (annotation,) = whole.choices[0].message.annotations or []
    assert (
        annotation.url_citation.url
        == f"{base}/documents/d1#start=118&end=156&version=abababababababab&collection=manuals"
    )
