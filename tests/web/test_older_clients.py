"""The shortest program in the style of each older client, run as it stands: none of them needs a change."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from older_pages import EVENT_SOURCE, WEB_SOCKET
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from scripted_service import CITATION, QUOTE, ScriptedService

from tests.support.serving import served

CHROMIUM = Path("/usr/bin/chromium")


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> ScriptedService:
    return ScriptedService(tmp_path_factory.mktemp("older"))


@pytest.fixture(scope="module")
def base(service: ScriptedService) -> Iterator[str]:
    with served(service) as address:
        yield address


def program(base: str, source: str) -> Any:
    """Runs it in a process of its own, with `base` as its address; what it printed, as JSON."""
    done = subprocess.run(
        [sys.executable, "-c", f"base = {base!r}\n{source}"], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


JSON_CHAT = """
import requests, json
first = requests.post(base + PATH, json={"message": "How do I reset it?"}).json()
again = requests.post(base + PATH, json={"message": "And then?", "session_id": first["conversation_id"]}).json()
print(json.dumps([first, again]))
"""


@pytest.mark.parametrize("path", ["/chat", "/api/chat", "/v1/chat"])
def test_a_program_that_posts_a_message_and_reads_json(base: str, path: str) -> None:
    first, again = program(base, JSON_CHAT.replace("PATH", repr(path)))
    assert (first["response"], first["tokens_used"], first["message_count"]) == (QUOTE, 8, 2)
    assert (again["conversation_id"], again["message_count"]) == (first["conversation_id"], 4)
    assert first["sources"][0]["title"] == CITATION.document.title
    assert first["latency_ms"] > 0


def test_curl_reads_plain_text_as_it_comes(base: str) -> None:
    curl = shutil.which("curl")
    if curl is None:
        pytest.skip("no curl on this machine")
    body = '{"message": "How?", "stream_format": "text"}'
    command = [curl, "-sN", f"{base}/chat/stream", "-H", "content-type: application/json", "-d", body]
    said = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True).stdout
    checked = "1 of 1 quote stands word for word in the documents."
    assert said == f'{QUOTE} [1]\n\n[1] Router manual, p. 3, Reset: "{QUOTE}"\n{checked}\n'


GRAPH = """
import requests, json
def events(path, body):
    with requests.post(base + path, json=body, stream=True) as response:
        response.raise_for_status()
        return [json.loads(line[6:]) for line in response.iter_lines() if line.startswith(b"data: ")]
thread = {"thread_id": "t1"}
print(json.dumps({
    "all": events("/stream", {"message": "How do I reset it?", **thread}),
    "messages": events("/stream/messages", {"input": {"messages": [{"role": "user", "content": "And then?"}]},
                                            "config": {"configurable": thread}}),
    "tools": events("/stream/tools", {"messages": [["user", "And now?"]], **thread}),
}))
"""


def test_a_program_in_the_style_of_langgraph_reads_words_and_steps_of_its_thread(
    base: str, service: ScriptedService
) -> None:
    told = program(base, GRAPH)
    kinds = {name: [event["type"] for event in events] for name, events in told.items()}
    assert kinds["all"] == [
        "start", "step", "step", "sources", "token", "token", "citation", "done",
    ]  # fmt: skip
    assert kinds["messages"] == ["start", "token", "token", "citation", "done"]
    assert kinds["tools"] == ["start", "step", "step", "sources", "done"]
    assert "".join(event.get("token", "") for event in told["messages"]) == QUOTE
    assert {events[-1]["conversation_id"] for events in told.values()} == {"t1"}
    *_, (second, options), (third, _) = service.asked
    assert (second, third) == ("And then?", "And now?")
    assert [turn.content for turn in options["history"]] == ["How do I reset it?", QUOTE]


SESSIONS = """
import requests, json
requests.post(base + "/chat", json={"message": "How?", "session_id": "s9"})
listed = requests.get(base + "/sessions").json()["sessions"]
said = requests.get(base + "/sessions/s9/history").json()["messages"]
gone = requests.delete(base + "/sessions/s9")
print(json.dumps([listed, said, gone.status_code, gone.json(), requests.get(base + "/sessions/s9").status_code]))
"""


def test_a_program_that_lists_and_deletes_sessions(base: str) -> None:
    listed, said, status, gone, after = program(base, SESSIONS)
    assert "s9" in [session["session_id"] for session in listed]
    assert [message["content"] for message in said] == ["How?", QUOTE]
    assert (status, gone, after) == (200, {"session_id": "s9", "deleted": True}, 404)


WISHES = """
import requests, json
wishes = {"language": "de", "expertise_level": "beginner"}
body = {"message": "How?", "preferences": wishes, "system_prompt": "Be brief."}
print(json.dumps(requests.post(base + "/chat", json=body).status_code))
"""


def test_a_program_with_preferences_and_a_prompt_of_its_own(base: str, service: ScriptedService) -> None:
    assert program(base, WISHES) == 200
    options = service.asked[-1][1]
    assert options["preferences"] == {"language": "de", "expertise_level": "beginner"}
    assert options["system_prompt"] == "Be brief."


PROBES = """
import requests, json
print(json.dumps([requests.get(base + path).status_code for path in ("/health", "/healthz", "/health/ready")]))
"""


def test_a_program_that_looks_whether_the_service_lives(base: str) -> None:
    assert program(base, PROBES) == [200, 200, 200]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip(f"no browser at {CHROMIUM} (apt install chromium)")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-quic"])
        yield opened
        opened.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    opened = browser.new_context()
    yield opened
    opened.close()


def page_with(context: BrowserContext, base: str, html: str) -> Page:
    """A page of our own origin that holds `html`."""
    page = context.new_page()
    page.goto(f"{base}/healthz")
    page.set_content(html)
    return page


@pytest.mark.browser
def test_a_page_with_event_source_reads_one_answer_and_stops(
    context: BrowserContext, base: str, service: ScriptedService
) -> None:
    before = len(service.asked)
    page = page_with(context, base, EVENT_SOURCE)
    expect(page.locator("#answer")).to_have_text(QUOTE)
    expect(page.locator("#tokens")).to_have_text(str(len(QUOTE)))
    page.wait_for_timeout(4_000)  # EventSource asks again after three seconds unless it was closed
    assert len(service.asked) == before + 1


@pytest.mark.browser
def test_pages_with_a_web_socket_share_a_conversation_and_clear_it(
    context: BrowserContext, base: str
) -> None:
    said = ["user: How do I reset it?", f"assistant: {QUOTE}"]
    httpx.delete(f"{base}/sessions/s1")
    first, second = page_with(context, base, WEB_SOCKET), page_with(context, base, WEB_SOCKET)
    for page in (first, second):
        expect(page.locator("#log")).to_have_attribute("class", "ready")
    first.locator("#text").fill("How do I reset it?")
    first.locator("#send").click()
    for page in (first, second):
        expect(page.locator("li")).to_have_text(said)
    third = page_with(context, base, WEB_SOCKET)
    expect(third.locator("li")).to_have_text(said)
    second.locator("#clear").click()
    for page in (first, second, third):
        expect(page.locator("li")).to_have_count(0)
    fourth = page_with(context, base, WEB_SOCKET)
    expect(fourth.locator("#log")).to_have_attribute("class", "ready")
    expect(fourth.locator("li")).to_have_count(0)
