"""Agent mode: several searches, numbered on, limited, and grounded like any other answer."""

from dataclasses import replace

import pytest
from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.language_models.fake_chat_models import FakeListChatModel
from langchain_core.tools import tool

from ragchat.answering.answer import Answerer, AnswerOptions
from ragchat.answering.events import Error, Sources, Step
from ragchat.answering.writing.agent_graph import MOST_CALLS, MOST_SEARCHES
from ragchat.corpus.values import Filters
from ragchat.errors import UsageError
from ragchat.models.scripted import Reply, ScriptedChatModel, ToolRequest
from ragchat.retrieval.search import RetrievedPassage, Retriever, SearchOptions
from tests.answering.asking import ask, end

AGENT = AnswerOptions("message", "conversation", mode="agent")
STRICT_AGENT = AnswerOptions("message", "conversation", mode="agent", grounding="strict")


def searching(query: str) -> Reply:
    return Reply(tools=[ToolRequest("search_corpus", {"query": query})])


def agent(retriever: Retriever, *replies: Reply) -> Answerer:
    return Answerer(retriever=retriever, model=ScriptedChatModel(script=replies), model_name="scripted")


async def test_two_searches_then_a_verified_answer(retriever: Retriever) -> None:
    words = "Backups of the order database are kept for 35 days in the Rostock data centre [1]."
    answerer = agent(
        retriever,
        searching("backups order database kept days"),
        searching("bilge pump"),
        Reply(chunks=[words]),
    )
    events = await ask(answerer, options=STRICT_AGENT)
    tools = [event for event in events if isinstance(event, Step) and event.name == "tool"]
    assert [step.state for step in tools] == ["started", "finished"] * 2
    numbers = [source.n for event in events if isinstance(event, Sources) for source in event.sources]
    assert numbers == list(range(1, len(numbers) + 1))
    assert (
        end(events).response
        == "Backups of the order database are kept for 35 days in the Rostock data centre."
    )
    assert end(events).grounded == 1.0


async def test_the_only_tool_is_the_search(retriever: Retriever) -> None:
    answerer = agent(retriever, searching("backups"), Reply(chunks=["Fine."]))
    await ask(answerer, options=AGENT)
    assert isinstance(answerer.model, ScriptedChatModel)
    assert {tool for request in answerer.model.requests for tool in request.tools} == {"search_corpus"}


@tool
def stock(article: str) -> str:
    """How many of an article lie in store."""
    if article == "unknown":
        raise KeyError(article)
    return "There are 12 in store."


def asking_stock(article: str) -> Reply:
    return Reply(tools=[ToolRequest("stock", {"article": article})])


async def test_tools_of_others_may_be_called_and_are_no_sources(retriever: Retriever) -> None:
    backups = "Backups of the order database are kept for 35 days in the Rostock data centre [1]."
    said = f"{backups} There are 12 in store [1]."
    script = (searching("backups order database kept days"), asking_stock("fuse"), Reply(chunks=[said]))
    answerer = replace(agent(retriever, *script), tools=(stock,))
    events = await ask(answerer, options=AGENT)
    assert isinstance(answerer.model, ScriptedChatModel)
    assert {name for request in answerer.model.requests for name in request.tools} == {
        "search_corpus",
        "stock",
    }
    told = [event.detail for event in events if isinstance(event, Step) and event.name == "tool"]
    assert told[2:] == ["stock: {'article': 'fuse'}", "stock"]
    assert "There are 12 in store." in str(answerer.model.requests[-1].messages[-1].content)
    assert [one.verified for one in end(events).citations] == [True, False]
    assert end(events).grounded == 0.5


async def test_a_tool_that_fails_tells_the_model_and_ends_nothing(retriever: Retriever) -> None:
    script = (
        searching("backups"),
        asking_stock("unknown"),
        Reply(chunks=["Backups are kept for 35 days [1]."]),
    )
    answerer = replace(agent(retriever, *script), tools=(stock,))
    events = await ask(answerer, options=AGENT)
    assert isinstance(answerer.model, ScriptedChatModel)
    assert "The tool failed (KeyError)." in str(answerer.model.requests[-1].messages[-1].content)
    assert "stock: failed" in [event.detail for event in events if isinstance(event, Step)]
    assert end(events).finish == "answered"


async def test_what_only_a_tool_of_others_said_answers_nothing(retriever: Retriever) -> None:
    answerer = replace(
        agent(retriever, asking_stock("fuse"), Reply(chunks=["There are 12 in store."])), tools=(stock,)
    )
    assert end(await ask(answerer, options=AGENT)).finish == "refused"


async def test_searches_are_limited(retriever: Retriever) -> None:
    answerer = agent(retriever, searching("backups"))
    events = await ask(answerer, options=AGENT)
    finished = [event for event in events if isinstance(event, Step) and event.state == "finished"]
    assert len(finished) <= MOST_SEARCHES + 2
    assert isinstance(answerer.model, ScriptedChatModel)
    assert len(answerer.model.requests) <= MOST_CALLS
    assert (end(events).finish, end(events).grounded) == ("refused", None)
    assert "limit" not in end(events).response.lower()


async def test_searches_asked_for_at_once_are_limited_too(retriever: Retriever) -> None:
    searched: list[str] = []

    class Counting(Retriever):
        def search(self, query: str, options: SearchOptions | None = None) -> list[RetrievedPassage]:
            searched.append(query)
            return super().search(query, options)

    twenty = [ToolRequest("search_corpus", {"query": f"backups {n}"}) for n in range(20)]
    counting = Counting(retriever.snapshot, retriever.embedder)
    events = await ask(agent(counting, Reply(tools=twenty), Reply(chunks=["Fine."])), options=AGENT)
    assert len(searched) <= MOST_SEARCHES
    assert end(events).response == "Fine."


@pytest.mark.parametrize(
    "arguments", [{}, {"query": 7}, {"query": {"a": 1}}, {"query": ""}, {"q": "backups"}]
)
async def test_a_call_that_makes_no_sense_is_told_to_the_model(
    retriever: Retriever, arguments: dict[str, object]
) -> None:
    call = Reply(tools=[ToolRequest("search_corpus", arguments)])
    answerer = agent(retriever, call, searching("backups"), Reply(chunks=["Fine."]))
    assert end(await ask(answerer, options=AGENT)).response == "Fine."


async def test_an_agent_that_does_not_search_is_asked_once_more(retriever: Retriever) -> None:
    answerer = agent(
        retriever, Reply(chunks=["From memory: 90 years."]), searching("backups"), Reply(chunks=["Fine."])
    )
    assert end(await ask(answerer, options=AGENT)).response == "Fine."
    assert isinstance(answerer.model, ScriptedChatModel)
    assert "without searching" in answerer.model.requests[1].messages[-1].text


async def test_without_a_search_there_is_no_answer(retriever: Retriever) -> None:
    answerer = agent(retriever, Reply(chunks=["From memory: 90 years."]))
    done = end(await ask(answerer, options=AGENT))
    assert (done.finish, done.citations) == ("refused", ())
    assert "90 years" not in done.response
    assert done.timings["model_calls"] == 2


async def test_a_tool_call_that_cannot_be_read_is_an_upstream_fault(retriever: Retriever) -> None:
    broken = Reply(tools=[ToolRequest("search_corpus", "backups, please")])
    events = await ask(agent(retriever, broken), options=AGENT)
    assert isinstance(events[-1], Error)
    assert events[-1].code == "tool_call_unreadable"


async def test_an_agents_thoughts_are_not_shown(retriever: Retriever) -> None:
    answerer = agent(retriever, searching("backups"), Reply(chunks=["<think>Hm, 90?</think>Fine."]))
    assert end(await ask(answerer, options=AGENT)).response == "Fine."


async def test_an_agent_is_called_with_the_requests_parameters(retriever: Retriever) -> None:
    answerer = agent(retriever, searching("backups"), Reply(chunks=["Fine."]))
    await ask(answerer, options=AnswerOptions("m", "c", mode="agent", parameters={"temperature": 0.2}))
    assert isinstance(answerer.model, ScriptedChatModel)
    assert {request.parameters.get("temperature") for request in answerer.model.requests} == {0.2}


async def test_what_may_get_better_is_tried_again_inside_the_deadline(retriever: Retriever) -> None:
    answerer = agent(retriever, searching("backups"), Reply(error=ConnectionError()), Reply(chunks=["Fine."]))
    assert end(await ask(answerer, options=AGENT)).response == "Fine."
    assert isinstance(answerer.model, ScriptedChatModel)
    assert len(answerer.model.requests) == 3


async def test_an_answer_that_is_cut_short_is_marked(retriever: Retriever) -> None:
    answerer = agent(retriever, searching("backups"), Reply(chunks=["They are kept"], finish="length"))
    assert end(await ask(answerer, options=AGENT)).finish == "incomplete"


async def test_the_tool_cannot_leave_the_filters_of_the_request(retriever: Retriever) -> None:
    only = next(d.id for d in retriever.snapshot.documents() if d.key == "travel.md")
    options = AnswerOptions("m", "c", mode="agent", filters=Filters(document_ids=(only,)))
    events = await ask(agent(retriever, searching("backups"), Reply(chunks=["Fine."])), options=options)
    found = {source.document_id for event in events if isinstance(event, Sources) for source in event.sources}
    assert found <= {only}


async def test_a_lie_is_refused_in_strict(retriever: Retriever) -> None:
    answerer = agent(retriever, searching("backups"), Reply(chunks=["Backups are kept for 90 years [1]."]))
    assert end(await ask(answerer, options=STRICT_AGENT)).finish == "refused"


async def test_usage_of_all_calls_is_added_up(retriever: Retriever) -> None:
    answerer = agent(retriever, searching("backups"), Reply(chunks=["Two words."]))
    assert end(await ask(answerer, options=AGENT)).usage.input_tokens > 20


@pytest.mark.parametrize("failure", [ValueError("odd"), TimeoutError()])
async def test_a_failing_model_is_one_error(retriever: Retriever, failure: Exception) -> None:
    events = await ask(agent(retriever, Reply(error=failure)), options=AGENT)
    assert isinstance(events[-1], Error)
    assert events[-1].code == "upstream_failed"


class Toolless(FakeListChatModel):
    """A chat model that LangChain knows no tools for."""


@pytest.mark.parametrize("model", [None, Toolless(responses=["Fine."])], ids=["extractive", "no tools"])
async def test_without_a_model_that_calls_tools_it_is_refused_before_it_begins(
    retriever: Retriever, model: BaseChatModel | None
) -> None:
    with pytest.raises(UsageError, match="can call tools") as refused:
        await ask(Answerer(retriever=retriever, model=model), options=AGENT)
    assert refused.value.code == "agent_needs_tools"


async def test_a_key_in_what_the_agent_looks_for_is_neither_shown_nor_searched(retriever: Retriever) -> None:
    key = "sk-proj-Ab12Cd34Ef56Gh78Ij90Kl12"
    answerer = agent(retriever, searching(f"backups {key}"), Reply(chunks=["Fine."]))
    events = await ask(answerer, f"Is {key} the key of the backups?", options=AGENT)
    steps = [event.detail for event in events if isinstance(event, Step)]
    assert "backups [redacted key]" in steps
    assert isinstance(answerer.model, ScriptedChatModel)
    assert key not in str([message.text for message in answerer.model.requests[0].messages])
