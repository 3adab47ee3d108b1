"""A conversation over a WebSocket: history first, every tab sees the same, nothing that a client sends breaks it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from scripted_service import FAILED, NO_INDEX, QUOTE, Gate, ScriptedService
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from ragchat.answering.events import Done, Token
from tests.support.serving import Serve, served


class Page:
    """What a script of a page does with its connection."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection

    def say(self, **frame: Any) -> None:
        self._connection.send(json.dumps(frame))

    def send(self, data: str | bytes) -> None:
        self._connection.send(data)

    def next(self) -> dict[str, Any]:
        said: dict[str, Any] = json.loads(self._connection.recv(timeout=20))
        return said

    def until(self, kind: str) -> list[dict[str, Any]]:
        seen = [self.next()]
        while seen[-1]["type"] != kind:
            seen.append(self.next())
        return seen

    def closed(self) -> tuple[int, str]:
        """Code and reason, once it is."""
        with pytest.raises(ConnectionClosed) as closed:
            self._read_to_the_end()
        assert closed.value.rcvd is not None
        return closed.value.rcvd.code, closed.value.rcvd.reason

    def _read_to_the_end(self) -> None:
        while True:
            self._connection.recv(timeout=20)


@contextmanager
def page(base: str, path: str = "/v1/ws/chat/c1", **options: Any) -> Iterator[Page]:
    with connect(base.replace("http", "ws", 1) + path, **options) as connection:
        yield Page(connection)


@pytest.fixture
def service(tmp_path: Path) -> ScriptedService:
    return ScriptedService(tmp_path)


@pytest.fixture
def base(service: ScriptedService) -> Iterator[str]:
    with served(service) as address:
        yield address


def test_a_question_is_answered_by_the_events_of_every_stream(base: str) -> None:
    with page(base) as tab:
        assert tab.next() == {"type": "history", "conversation_id": "c1", "messages": []}
        tab.say(type="message", message="How?")
        asked, *events = tab.until("done")
    assert (asked["type"], asked["message"]) == ("question", "How?")
    assert [event["type"] for event in events] == [
        "start", "step", "step", "sources", "token", "token", "citation", "done",
    ]  # fmt: skip
    assert [event["seq"] for event in events] == list(range(8))
    assert {event["message_id"] for event in events} == {asked["message_id"]}
    assert (events[-1]["response"], events[-1]["conversation_id"]) == (QUOTE, "c1")


def test_what_was_said_is_shown_when_a_page_connects(base: str) -> None:
    httpx.post(f"{base}/v1/chat", json={"message": "How?", "conversation_id": "c1"})
    with page(base) as tab:
        messages = tab.next()["messages"]
    assert [(one["role"], one["content"]) for one in messages] == [("user", "How?"), ("assistant", QUOTE)]
    assert messages[1]["citations"][0]["quote"] == QUOTE


def test_every_tab_sees_the_same_stream_and_a_late_one_from_its_beginning(
    tmp_path: Path, serve: Serve
) -> None:
    gate = Gate()
    service = ScriptedService(tmp_path, [Token("Hold"), gate, Token(" it."), Done("answered", "Hold it.")])
    with serve(service) as base, page(base) as first, page(base) as second:
        assert [first.next()["type"], second.next()["type"]] == ["history", "history"]
        second.say(type="message", message="How?")
        assert first.until("token")[-1]["token"] == "Hold"
        with page(base) as late:
            late.next()
            assert [event["type"] for event in late.until("token")] == ["question", "start", "token"]
            gate.opened.set()
            ends = [tab.until("done") for tab in (first, second, late)]
    assert {end[-1]["message_id"] for end in ends} == {ends[0][-1]["message_id"]}
    assert {end[-1]["response"] for end in ends} == {"Hold it."}
    assert len(service.asked) == 1


def test_other_conversations_see_nothing_of_it(base: str) -> None:
    with page(base) as mine, page(base, "/v1/ws/chat/c2") as other:
        mine.say(message="How?")
        mine.until("done")
        other.say(type="ping")
        assert [event["type"] for event in other.until("pong")] == ["history", "pong"]


def test_stop_ends_the_answer_for_every_tab(tmp_path: Path, serve: Serve) -> None:
    gate = Gate()
    service = ScriptedService(tmp_path, [Token("Hold"), gate, Done("answered", "Hold")])
    with serve(service) as base, page(base) as first, page(base) as second:
        first.say(type="message", message="How?")
        second.until("token")
        second.say(type="stop")
        for tab in (first, second):
            assert tab.until("done")[-1]["finish"] == "stopped"
        first.say(type="stop")
        assert first.until("stopped")[-1]["stopped"] is False
    assert service.closed == 1


def test_one_answer_at_a_time_is_made_in_a_conversation(tmp_path: Path, serve: Serve) -> None:
    gate = Gate()
    service = ScriptedService(tmp_path, [Token("Hold"), gate, Done("answered", "Hold")])
    with serve(service) as base, page(base) as tab:
        tab.say(type="message", message="How?")
        tab.until("token")
        tab.say(type="message", message="And now?")
        assert tab.until("error")[-1]["code"] == "conversation_busy"
        gate.opened.set()
        tab.until("done")
    assert len(service.asked) == 1


def test_clearing_is_seen_in_every_tab_and_by_the_next_visit(base: str) -> None:
    with page(base) as first, page(base) as second:
        first.say(type="message", message="How?")
        first.until("done")
        second.until("done")
        second.say(type="clear_history")
        for tab in (first, second):
            assert tab.until("cleared")[-1] == {"type": "cleared", "conversation_id": "c1"}
        with page(base) as third:
            assert third.next()["messages"] == []


def test_clearing_what_was_never_said_is_no_error(base: str) -> None:
    with page(base) as tab:
        tab.say(type="clear")
        assert tab.until("cleared")


def test_choices_of_a_question_and_of_the_address_reach_the_answerer(
    base: str, service: ScriptedService
) -> None:
    with page(base, "/v1/ws/chat/c1?user_id=ada&collection=manuals") as tab:
        tab.say(message="How?", system_prompt="Be brief.", preferences={"style": "kind"}, temperature=0.1)
        tab.until("done")
    options = service.asked[0][1]
    assert (options["collection"], options["system_prompt"]) == ("manuals", "Be brief.")
    assert (options["preferences"], options["parameters"]) == ({"style": "kind"}, {"temperature": 0.1})


@pytest.mark.parametrize(
    "frame",
    [
        "", "zebra", "null", "[]", "4711", '"zebra"', "{}", '{"type": "zebra"}', '{"type": null}',
        '{"type": "message"}', '{"type": "message", "message": " "}', '{"type": "message", "message": "a\\u0000"}',
        '{"type": "message", "message": "How?", "zebra": 1}', '{"type": "stop", "force": true}',
        '{"type": "message", "message": "How?", "temperature": NaN}', '{"message": "\\ud800"}',
        '{"type": "message", "message": "How?", "thread_id": "a", "session_id": "b"}',
    ],
)  # fmt: skip
def test_a_frame_that_is_wrong_is_told_so_and_the_connection_stays(base: str, frame: str) -> None:
    with page(base) as tab:
        tab.next()
        tab.send(frame)
        told = tab.next()
        assert (told["type"], told["code"], told["retryable"]) == ("error", "invalid_request", False)
        assert told["message"]
        tab.say(type="ping")
        assert tab.next() == {"type": "pong"}


def test_a_question_for_another_conversation_is_refused(base: str, service: ScriptedService) -> None:
    with page(base) as tab:
        tab.say(message="How?", thread_id="c2")
        assert tab.until("error")[-1]["code"] == "other_conversation"
        tab.say(message="How?", thread_id="c1")
        tab.until("done")


def test_what_fails_is_an_error_and_the_next_question_is_answered(
    base: str, service: ScriptedService
) -> None:
    with page(base) as tab:
        service.unready = NO_INDEX
        tab.say(message="How?")
        assert tab.until("error")[-1]["code"] == "no_index"
        service.unready, script = None, service.script
        service.script = [FAILED]
        tab.say(message="How?")
        assert tab.until("error")[-1]["code"] == FAILED.code
        service.script = script
        tab.say(message="How?")
        assert tab.until("done")[-1]["response"] == QUOTE


def test_a_page_of_another_site_may_not_connect(tmp_path: Path, serve: Serve) -> None:
    service = ScriptedService(tmp_path, cors_origins="https://desk.example")
    with serve(service) as base:
        for origin in ("https://evil.example", "null", f"{base}.evil.example"):
            with pytest.raises(InvalidStatus) as refused, page(base, origin=origin):
                pass
            assert refused.value.response.status_code == 403
        for origin in ("https://desk.example", base, None):
            with page(base, origin=origin) as tab:
                assert tab.next()["type"] == "history"


@pytest.mark.parametrize(
    "path", ["/v1/ws/chat/..%2fc1", "/v1/ws/chat/" + "c" * 65, "/v1/ws/chat/c1?collection=../x"]
)
def test_an_address_that_is_wrong_is_refused_before_the_handshake(base: str, path: str) -> None:
    with pytest.raises(InvalidStatus) as refused, page(base, path):
        pass
    assert refused.value.response.status_code in (403, 404)


def test_rules_of_the_wire_close_the_connection_with_their_code(base: str) -> None:
    with page(base) as tab:
        tab.send(b"\x00")
        assert tab.closed()[0] == 1003
    with page(base) as tab:
        tab.say(message="x" * 70_000)
        assert tab.closed()[0] == 1009
    with page(base) as tab:
        for _ in range(40):
            tab.say(type="ping")
        assert tab.closed() == (1008, "too many frames")


def test_a_room_has_bounds(base: str) -> None:
    tabs = [page(base) for _ in range(20)]
    for tab in tabs:
        tab.__enter__().next()
    with page(base) as one_more:
        assert one_more.closed()[0] == 1008
    for tab in tabs:
        tab.__exit__(None, None, None)
    with page(base) as tab:
        tab.next()
        tab.say(type="ping")
        assert tab.next() == {"type": "pong"}


def test_who_closes_every_tab_ends_the_answer(tmp_path: Path, serve: Serve) -> None:
    gate = Gate()
    service = ScriptedService(tmp_path, [Token("Hold"), gate, Done("answered", "Hold")])
    with serve(service) as base:
        with page(base) as tab:
            tab.say(message="How?")
            tab.until("token")
        while not service.closed:
            gate.opened.wait(0.02)
        assert not gate.opened.is_set()
        with page(base, "/ws/chat/c1") as again:  # the address of older pages
            kept = again.next()["messages"]
        assert [(one["content"], one["status"]) for one in kept][1:] == [("Hold", "partial")]


def test_tabs_at_two_workers_see_the_same(tmp_path: Path) -> None:
    here, there = (ScriptedService(tmp_path) for _ in range(2))
    with served(here) as one, served(there) as other, page(one) as left, page(other) as right:
        assert left.next()["type"] == right.next()["type"] == "history"
        left.say(type="message", message="How do I reset it?")
        shown = left.until("done")
        seen = right.until("done")
        assert [event["type"] for event in seen] == [event["type"] for event in shown]
        assert seen[0]["message"] == "How do I reset it?"
        assert seen[-1]["response"] == shown[-1]["response"] == QUOTE
        right.say(type="message", message="And then?")
        right.until("done")
        assert left.until("done")[0]["message"] == "And then?"
    assert len(here.asked) == len(there.asked) == 1


def test_a_tab_sees_what_another_route_asks(base: str) -> None:
    with page(base) as tab:
        tab.next()
        said = httpx.post(f"{base}/v1/chat", json={"message": "How?", "conversation_id": "c1"}).json()
        assert tab.until("done")[-1]["message_id"] == said["message_id"]
