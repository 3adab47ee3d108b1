"""The scripted chat model behaves like a real one: streams, usage, tools, failures, and it can be hung up on."""

from contextlib import aclosing

import pytest
from langchain_core.messages import AIMessageChunk, HumanMessage, SystemMessage
from langchain_core.tools import tool

from ragchat.errors import UpstreamFailed
from ragchat.models.loading import load_chat_model
from ragchat.models.scripted import Reply, ScriptedChatModel, ToolRequest


async def contents(model: ScriptedChatModel, question: str = "Why?") -> list[str]:
    return [chunk.text async for chunk in model.astream(question) if chunk.text]


async def test_chunks_are_streamed_one_by_one_as_written() -> None:
    chunks = ["Hel", "lo [", "1", "]."]
    assert await contents(ScriptedChatModel(script=chunks)) == chunks
    assert [chunk.text for chunk in ScriptedChatModel(script=chunks).stream("Why?") if chunk.text] == chunks


async def test_the_last_chunk_carries_usage_and_the_reason() -> None:
    merged = AIMessageChunk(content="")
    async for chunk in ScriptedChatModel(script=["two", " words"]).astream("one two three"):
        merged = merged + chunk
    assert merged.usage_metadata == {"input_tokens": 3, "output_tokens": 2, "total_tokens": 5}
    assert merged.response_metadata["finish_reason"] == "stop"


def test_invoke_gives_the_whole_message() -> None:
    answer = ScriptedChatModel(script=["one", " piece"]).invoke("Why?")
    assert answer.type == "ai"
    assert answer.content == "one piece"
    assert answer.usage_metadata is not None


async def test_replies_come_in_turn_and_the_last_repeats() -> None:
    model = ScriptedChatModel(script=[Reply(["first"]), Reply(["second"])])
    assert [await contents(model) for _ in range(3)] == [["first"], ["second"], ["second"]]


async def test_a_function_sees_the_messages() -> None:
    model = ScriptedChatModel(script=lambda messages: f"You said {messages[-1].content}")
    assert await contents(model, "hello you") == ["You", " said", " hello", " you"]


async def test_every_request_is_kept() -> None:
    model = ScriptedChatModel(script=["ok"])
    await model.ainvoke([SystemMessage("Be kind."), HumanMessage("Hello")])
    assert [message.content for message in model.requests[0].messages] == ["Be kind.", "Hello"]


async def test_it_fails_where_the_script_says() -> None:
    model = ScriptedChatModel(script=[Reply(["half an"], error=UpstreamFailed("gone"))])
    async with aclosing(model.astream("Why?")) as stream:  # type: ignore[type-var]
        assert (await anext(stream)).text == "half an"
        with pytest.raises(UpstreamFailed, match="gone"):
            await anext(stream)


async def test_a_stream_closed_early_is_counted_as_abandoned() -> None:
    model = ScriptedChatModel(script=["one", "two", "three"])
    async with aclosing(model.astream("Why?")) as stream:  # type: ignore[type-var]
        await anext(stream)
    assert model.abandoned == 1
    await contents(model)
    assert model.abandoned == 1


@tool
def search_corpus(query: str) -> str:
    """Searches the documents."""
    return query


async def test_tools_are_called_as_scripted_and_the_offer_is_recorded() -> None:
    call = Reply(tools=[ToolRequest("search_corpus", {"query": "refunds"})])
    model = ScriptedChatModel(script=[call, Reply(["done"])])
    bound = model.bind_tools([search_corpus])
    asked = await bound.ainvoke("Why?")
    assert [(called["name"], called["args"]) for called in asked.tool_calls] == [
        ("search_corpus", {"query": "refunds"})
    ]
    assert asked.response_metadata["finish_reason"] == "tool_calls"
    assert (await bound.ainvoke("And?")).content == "done"
    assert model.requests[0].tools == ("search_corpus",)


async def test_an_agent_runs_on_it() -> None:
    from langchain.agents import create_agent

    model = ScriptedChatModel(
        script=[Reply(tools=[ToolRequest("search_corpus", {"query": "refunds"})]), Reply(["Two", " days."])]
    )
    state = await create_agent(model, [search_corpus]).ainvoke({"messages": [HumanMessage("How long?")]})
    assert [message.type for message in state["messages"]] == ["human", "ai", "tool", "ai"]
    assert state["messages"][-1].content == "Two days."


async def test_it_is_had_by_name() -> None:
    model = load_chat_model("scripted:It takes two days [1].")
    assert (await model.ainvoke("How long?")).content == "It takes two days [1]."
