"""A model's service that misbehaves on script, over real HTTP: retries, one end, partial answers, hang-ups."""

from collections.abc import Iterator
from contextlib import aclosing
from dataclasses import replace

import anyio
import anyio.lowlevel
import anyio.to_thread
import pytest

from ragchat.answering.answer import Answerer
from ragchat.answering.events import Done, Error, Token
from ragchat.models.loading import load_chat_model
from ragchat.retrieval.search import Retriever
from tests.answering.asking import BACKUPS, OPTIONS, ask, end
from tests.support.openai_server import ChatScript, OpenAIServer

GOOD = ChatScript(tokens=("They", " are", " kept", " for", " 35", " days", "."))


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer() as server:
        yield server


def answerer(retriever: Retriever, server: OpenAIServer, deadline: float = 5.0) -> Answerer:
    model = load_chat_model("openai:test-model", timeout=deadline, base_url=server.url)
    return Answerer(retriever=retriever, model=model, model_name="openai:test-model", deadline=deadline)


async def hung_up(server: OpenAIServer) -> bool:
    """Whether the client closed the connection within two seconds."""
    return await anyio.to_thread.run_sync(server.requests[0].hung_up.wait, 2)


async def test_what_is_sent_upstream(retriever: Retriever, server: OpenAIServer) -> None:
    server.chats = [GOOD]
    done = end(
        await ask(answerer(retriever, server), "How long are backups kept? My card is 4111 1111 1111 1111.")
    )
    body = server.requests[0].body
    assert body["model"] == "test-model"
    assert body["stream"] is True
    assert body["stream_options"] == {"include_usage": True}
    assert [message["role"] for message in body["messages"]] == ["system", "user"]
    assert "tools" not in body
    assert "4111" not in str(body)
    assert "35 days" in body["messages"][1]["content"]
    assert done.response == "They are kept for 35 days."
    assert (done.usage.input_tokens, done.usage.output_tokens) == (11, 7)


@pytest.mark.parametrize(
    "failure",
    [
        ChatScript(fault="status", status=500),
        ChatScript(fault="status", status=503),
        ChatScript(fault="status", status=429, retry_after="0"),
        ChatScript(fault="empty"),
        ChatScript(tokens=(), fault="cut"),
    ],
    ids=["500", "503", "429", "empty", "cut before the first words"],
)
async def test_a_failure_before_the_first_words_is_tried_again(
    retriever: Retriever, server: OpenAIServer, failure: ChatScript
) -> None:
    server.chats = [failure, GOOD]
    done = end(await ask(answerer(retriever, server)))
    assert done.response == "They are kept for 35 days."
    assert len(server.requests) == 2


async def test_a_wait_that_the_deadline_does_not_allow_is_not_begun(
    retriever: Retriever, server: OpenAIServer
) -> None:
    server.chats = [ChatScript(fault="status", status=429, retry_after="3600"), GOOD]
    events = await ask(answerer(retriever, server))
    assert isinstance(events[-1], Error)
    assert events[-1].retryable
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "failure",
    [
        ChatScript(fault="status", status=401),
        ChatScript(fault="status", status=400),
        ChatScript(fault="html"),
    ],
    ids=["401", "400", "html"],
)
async def test_what_cannot_get_better_is_not_tried_again(
    retriever: Retriever, server: OpenAIServer, failure: ChatScript
) -> None:
    server.chats = [failure]
    events = await ask(answerer(retriever, server))
    assert isinstance(events[-1], Error)
    assert events[-1].code in ("upstream_failed", "empty_answer")
    assert "Bearer" not in events[-1].message
    assert sum(isinstance(event, Done | Error) for event in events) == 1


async def test_silence_ends_at_the_deadline(retriever: Retriever, server: OpenAIServer) -> None:
    server.chats = [ChatScript(fault="silence")]
    events = await ask(answerer(retriever, server, deadline=0.6))
    assert isinstance(events[-1], Error)
    assert await hung_up(server)


@pytest.mark.parametrize("fault", ["cut", "cut_in_character", "bad_json"])
async def test_a_break_after_the_first_words_keeps_them_and_is_not_tried_again(
    retriever: Retriever, server: OpenAIServer, fault: str
) -> None:
    server.chats = [ChatScript(tokens=("They", " are", " kept", " for"), fault=fault), GOOD]  # type: ignore[arg-type]
    done = end(await ask(answerer(retriever, server)))
    assert done.finish == "incomplete"
    assert done.response.startswith("They are kept")
    assert len(server.requests) == 1


@pytest.mark.parametrize("fault", ["whole", "null"])
async def test_a_service_with_its_own_idea_of_a_stream_is_understood(
    retriever: Retriever, server: OpenAIServer, fault: str
) -> None:
    """All in one JSON object, though a stream was asked for; `data: null` between the words."""
    server.chats = [replace(GOOD, fault=fault)]  # type: ignore[arg-type]
    done = end(await ask(answerer(retriever, server)))
    assert (done.finish, done.response) == ("answered", "They are kept for 35 days.")
    assert done.usage is not None
    assert done.usage.output_tokens > 0
    assert len(server.requests) == 1


@pytest.mark.parametrize("fault", ["drip", "comments"])
async def test_an_endless_answer_ends_at_the_deadline(
    retriever: Retriever, server: OpenAIServer, fault: str
) -> None:
    server.chats = [ChatScript(tokens=("They", " are"), fault=fault)]  # type: ignore[arg-type]
    done = end(await ask(answerer(retriever, server, deadline=0.8)))
    assert done.finish == "incomplete"
    assert await hung_up(server)


async def test_a_content_filter_blocks(retriever: Retriever, server: OpenAIServer) -> None:
    server.chats = [ChatScript(tokens=(), finish="content_filter")]
    assert end(await ask(answerer(retriever, server))).finish == "blocked"


async def test_closing_the_answer_hangs_up(retriever: Retriever, server: OpenAIServer) -> None:
    server.chats = [ChatScript(tokens=("They", " are", " kept", " for"), fault="drip")]
    async with aclosing(answerer(retriever, server).answer(BACKUPS, (), OPTIONS)) as events:
        async for event in events:
            if isinstance(event, Token):
                break
    assert await hung_up(server)


async def test_a_cancelled_reader_hangs_up(retriever: Retriever, server: OpenAIServer) -> None:
    server.chats = [ChatScript(fault="silence")]
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(lambda: ask(answerer(retriever, server, deadline=30)))
        while not server.requests:
            await anyio.sleep(0.01)
        tasks.cancel_scope.cancel()
    assert await hung_up(server)


AGENT = replace(OPTIONS, mode="agent")


async def test_leaving_an_agent_hangs_up(retriever: Retriever, server: OpenAIServer) -> None:
    server.chats = [ChatScript(fault="silence")]
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(lambda: ask(answerer(retriever, server, deadline=30), options=AGENT))
        while not server.requests:
            await anyio.sleep(0.01)
        tasks.cancel_scope.cancel()
    assert await hung_up(server)


async def test_an_agent_ends_at_the_deadline(retriever: Retriever, server: OpenAIServer) -> None:
    server.chats = [ChatScript(fault="silence")]
    events = await ask(answerer(retriever, server, deadline=0.6), options=AGENT)
    assert isinstance(events[-1], Error)
    assert await hung_up(server)


async def test_an_agents_call_is_tried_again(retriever: Retriever, server: OpenAIServer) -> None:
    server.chats = [ChatScript(fault="status", status=429, retry_after="0"), GOOD]
    done = end(await ask(answerer(retriever, server), options=AGENT))
    assert done.finish == "refused"  # it never searched
    assert len(server.requests) == 3


async def test_a_service_that_does_not_take_tools_is_told_apart(
    retriever: Retriever, server: OpenAIServer
) -> None:
    server.chats = [ChatScript(fault="status", status=400)]
    events = await ask(answerer(retriever, server), options=AGENT)
    assert isinstance(events[-1], Error)
    assert "call tools" in events[-1].message
    assert len(server.requests) == 1


async def test_an_answer_that_ends_without_a_reason_is_incomplete(
    retriever: Retriever, server: OpenAIServer
) -> None:
    server.chats = [replace(GOOD, fault="no_reason")]
    done = end(await ask(answerer(retriever, server)))
    assert (done.finish, done.response) == ("incomplete", "They are kept for 35 days.")


@pytest.mark.parametrize("finish", ["length", "content_filter"])
async def test_an_answer_that_was_cut_or_filtered_is_incomplete(
    retriever: Retriever, server: OpenAIServer, finish: str
) -> None:
    server.chats = [replace(GOOD, finish=finish)]
    assert end(await ask(answerer(retriever, server))).finish == "incomplete"


async def test_an_answer_cut_before_its_first_words_says_what_to_set(
    retriever: Retriever, server: OpenAIServer
) -> None:
    server.chats = [ChatScript(tokens=("<think>", "so many thoughts"), finish="length")]
    events = await ask(answerer(retriever, server))
    assert isinstance(events[-1], Error)
    assert events[-1].code == "cut_short"
    assert "tokens" in events[-1].message


@pytest.mark.parametrize(
    ("failure", "told"),
    [
        (ChatScript(fault="status", status=401), "OPENAI_API_KEY"),
        (ChatScript(fault="status", status=404), "RAGCHAT_OPENAI_BASE_URL"),
        (ChatScript(fault="html"), "base URL"),
    ],
    ids=["key", "model", "web page"],
)
async def test_a_fault_that_a_setting_mends_names_the_setting(
    retriever: Retriever, server: OpenAIServer, failure: ChatScript, told: str
) -> None:
    server.chats = [failure]
    events = await ask(answerer(retriever, server))
    assert isinstance(events[-1], Error)
    assert told in events[-1].message or events[-1].code == "empty_answer"


async def test_a_host_that_cannot_be_reached_is_said_so(retriever: Retriever) -> None:
    model = load_chat_model("openai:test-model", timeout=2, base_url="http://127.0.0.1:9/v1")
    unreachable = Answerer(retriever=retriever, model=model, model_name="openai:test-model", deadline=1)
    events = await ask(unreachable)
    assert isinstance(events[-1], Error)
    assert "cannot be reached" in events[-1].message
    assert "RAGCHAT_OPENAI_BASE_URL" in events[-1].message


async def test_time_that_runs_out_in_a_second_try_does_not_hide_what_the_first_one_met(
    retriever: Retriever, server: OpenAIServer
) -> None:
    server.chats = [ChatScript(fault="status", status=503), ChatScript(fault="silence")]
    events = await ask(answerer(retriever, server, deadline=1.5))
    assert isinstance(events[-1], Error)
    assert "HTTP 503" in events[-1].message


async def test_a_redirect_to_another_origin_is_not_followed(
    retriever: Retriever, server: OpenAIServer
) -> None:
    with OpenAIServer() as other:
        server.chats = [ChatScript(fault="redirect", elsewhere=f"{other.url}/chat/completions")]
        events = await ask(answerer(retriever, server))
        assert isinstance(events[-1], Error)
        assert events[-1].code == "redirected"
        assert not other.requests


async def test_the_first_words_delay_and_the_calls_are_told(
    retriever: Retriever, server: OpenAIServer
) -> None:
    server.chats = [ChatScript(fault="status", status=503), GOOD]
    timings = end(await ask(answerer(retriever, server))).timings
    assert timings["model_calls"] == 2
    assert 0 < timings["first_token"] <= timings["total"]


async def test_one_large_piece_leaves_the_loop_free(retriever: Retriever, server: OpenAIServer) -> None:
    """What runs beside the answer gets its turn many times while a single piece is worked through."""
    large = "It is so and so, and nothing else. " * 6_000
    server.chats = [ChatScript(tokens=(large,))]
    turns = 0

    async def beside() -> None:
        nonlocal turns
        while True:
            turns += 1
            await anyio.lowlevel.checkpoint()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(beside)
        done = end(await ask(answerer(retriever, server, deadline=60)))
        tasks.cancel_scope.cancel()
    assert done.response == large.rstrip()
    assert turns > len(large) / 500
