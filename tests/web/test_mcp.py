"""The official MCP client against `/mcp` and against `ragchat mcp`: the same two tools, the same citations."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from mcp import Client, StdioServerParameters
from mcp.types import CallToolResult, TextContent
from scripted_service import FAILED, NO_INDEX, QUOTE, Gate, ScriptedService

from ragchat.answering.events import Done, Refusal, Token
from tests.support.serving import Serve

ROOT = Path(__file__).resolve().parents[2]


@asynccontextmanager
async def stdio(index_dir: Path) -> AsyncIterator[Client]:
    """A client that starts `ragchat mcp`."""
    command = StdioServerParameters(
        command=sys.executable,
        args=["-m", "ragchat", "mcp", "--index-dir", str(index_dir)],
        env={"PYTHONPATH": str(ROOT)},
        cwd=index_dir,
    )
    async with Client(command, read_timeout_seconds=60) as client:
        yield client


@asynccontextmanager
async def over_http(base: str) -> AsyncIterator[Client]:
    async with Client(f"{base}/mcp", read_timeout_seconds=60) as client:
        yield client


def words(result: CallToolResult) -> str:
    return "".join(part.text for part in result.content if isinstance(part, TextContent))


def data(result: CallToolResult) -> dict[str, Any]:
    assert not result.is_error, words(result)
    assert isinstance(result.structured_content, dict)
    return result.structured_content


async def checked(client: Client) -> dict[str, Any]:
    """What any client of the two tools finds; the answer's data."""
    tools = {tool.name: tool for tool in (await client.list_tools()).tools}
    assert tools.keys() == {"search", "ask"}
    assert all(tool.description and tool.output_schema for tool in tools.values())
    assert tools["ask"].annotations is not None
    assert tools["ask"].annotations.read_only_hint is True

    found = await client.call_tool("search", {"query": "warranty of the router", "top_k": 2})
    assert "36 months" in words(found)
    assert data(found)["passages"][0]["title"] == "Router manual"

    answer = await client.call_tool("ask", {"question": "How do I reset the router?"})
    told = data(answer)
    assert told["finish"] == "answered"
    assert "Hold the power button" in told["response"]
    assert told["citations"][0]["verified"] is True
    assert "[1] Router manual" in words(answer)
    return told


async def asked_of(base: str) -> dict[str, Any]:
    """The same answer from the API."""
    async with httpx.AsyncClient(base_url=base) as client:
        response = await client.post("/v1/chat", json={"message": "How do I reset the router?"})
    reply: dict[str, Any] = response.json()
    return reply


async def test_the_tools_over_http_have_the_citations_of_the_api(base: str) -> None:
    async with over_http(base) as client:
        told = await checked(client)
    asked = await asked_of(base)
    assert told["citations"] == asked["citations"]
    assert told["response"] == asked["response"]


async def test_the_tools_over_stdin_have_the_same_citations(base: str, files: Path) -> None:
    async with stdio(files.parent / "indexes") as client:
        told = await checked(client)
    asked = await asked_of(base)
    assert told["citations"] == asked["citations"]
    async with httpx.AsyncClient(base_url=base) as browser:
        kept = (await browser.get("/v1/conversations")).json()["conversations"]
    assert told["conversation_id"] not in [one["id"] for one in kept]


async def test_a_conversation_goes_on_over_http(tmp_path: Path, serve: Serve) -> None:
    service = ScriptedService(tmp_path)
    with serve(service) as base:
        async with over_http(base) as client:
            first = data(await client.call_tool("ask", {"question": "How?"}))
            again = {"question": "And then?", "conversation_id": first["conversation_id"]}
            assert data(await client.call_tool("ask", again))["conversation_id"] == first["conversation_id"]
    assert [turn.content for turn in service.asked[1][1]["history"]] == ["How?", QUOTE]


async def test_what_cannot_be_answered_is_told_to_the_model(tmp_path: Path, serve: Serve) -> None:
    service = ScriptedService(tmp_path)
    with serve(service) as base:
        async with over_http(base) as client:
            for wrong in ({}, {"question": " "}, {"question": "a\0"}, {"question": "x" * 8_001}):
                assert (await client.call_tool("ask", wrong)).is_error
            refusal = Refusal("no_match", "The documents do not say.")
            service.script = [Token(refusal.message), Done("refused", refusal.message, refusal=refusal)]
            refused = data(await client.call_tool("ask", {"question": "How?"}))
            assert (refused["finish"], refused["refusal"]["reason"]) == ("refused", "no_match")
            service.script = [FAILED]
            failed = await client.call_tool("ask", {"question": "How?"})
            assert failed.is_error
            assert FAILED.message in words(failed)
            service.unready = NO_INDEX
            for tool, argument in (("ask", "question"), ("search", "query")):
                unready = await client.call_tool(tool, {argument: "How?"})
                assert unready.is_error
                assert "ragchat ingest" in words(unready)


async def test_a_client_that_leaves_ends_its_answer(tmp_path: Path, serve: Serve) -> None:
    gate = Gate()
    service = ScriptedService(tmp_path, [Token("Hold"), gate, Done("answered", "Hold")])
    with serve(service) as base:
        body = {
            "jsonrpc": "2.0", "id": 1, "method": "tools/call",
            "params": {"name": "ask", "arguments": {"question": "How?"}},
        }  # fmt: skip
        headers = {"accept": "application/json, text/event-stream"}
        async with httpx.AsyncClient(timeout=60) as client:
            asking = asyncio.create_task(client.post(f"{base}/mcp", json=body, headers=headers))
            while not service.asked:
                await asyncio.sleep(0.02)
            asking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asking
        while not service.closed:
            await asyncio.sleep(0.02)
    assert not gate.opened.is_set()


async def test_a_page_of_another_site_may_not_call_the_tools(base: str) -> None:
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    headers = {"accept": "application/json, text/event-stream", "origin": "https://evil.example"}
    async with httpx.AsyncClient() as client:
        assert (await client.post(f"{base}/mcp", json=body, headers=headers)).status_code == 403
