"""One question through each of the faces, by their own clients: what came back, and whether it was an answer."""

import json
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Final

import httpx
from mcp import Client
from mcp.client.streamable_http import create_mcp_http_client, streamable_http_client
from openai import APIStatusError, AsyncOpenAI
from websockets.asyncio.client import connect


@dataclass(frozen=True)
class Told:
    """Everything that the client was sent, as one text; `code` is empty for an answer."""

    text: str
    code: str = ""
    retry_after: int = 0


Asked = Callable[[str, str, str], Coroutine[Any, Any, Told]]
"""(base address, key, question)"""


async def by_json(base: str, key: str, question: str) -> Told:
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(base_url=base, headers=headers, timeout=60) as client:
        reply = await client.post("/v1/chat", json={"message": question})
    code = "" if reply.is_success else reply.json()["code"]
    return Told(reply.text, code, int(reply.headers.get("retry-after", 0)))


async def by_completion(base: str, key: str, question: str) -> Told:
    async with AsyncOpenAI(base_url=f"{base}/v1", api_key=key, max_retries=0) as client:
        try:
            streamed = await client.chat.completions.create(
                model="default", messages=[{"role": "user", "content": question}], stream=True
            )
            return Told("\n".join([chunk.model_dump_json() async for chunk in streamed]))
        except APIStatusError as refused:
            return _of_openai(refused)


async def by_response(base: str, key: str, question: str) -> Told:
    async with AsyncOpenAI(base_url=f"{base}/v1", api_key=key, max_retries=0) as client:
        try:
            response = await client.responses.create(model="default", input=question)
        except APIStatusError as refused:
            return _of_openai(refused)
        return Told(response.model_dump_json())


def _of_openai(refused: APIStatusError) -> Told:
    after = int(refused.response.headers.get("retry-after", 0))
    return Told(refused.response.text, str(refused.code), after)


async def by_tool(base: str, key: str, question: str) -> Told:
    """The MCP client is told in words: its `code` is "told"."""
    headers = {"Authorization": f"Bearer {key}"}
    async with (
        create_mcp_http_client(headers) as sending,
        Client(streamable_http_client(f"{base}/mcp", http_client=sending)) as client,
    ):
        answer = await client.call_tool("ask", {"question": question})
        found = await client.call_tool("search", {"query": question})
    text = answer.model_dump_json() + found.model_dump_json()
    return Told(text, "told" if answer.is_error else "")


async def by_socket(base: str, key: str, question: str) -> Told:
    address = base.replace("http", "ws", 1) + "/v1/ws/chat/" + question.encode().hex()[:60]
    said: list[str] = []
    async with connect(address, additional_headers={"X-API-Key": key}) as socket:
        await socket.recv()  # the history
        await socket.send(json.dumps({"type": "message", "message": question}))
        while True:
            said.append(str(await socket.recv()))
            event = json.loads(said[-1])
            if event["type"] == "error":
                return Told("\n".join(said), event["code"], event.get("retry_after", 0))
            if event["type"] == "done":
                return Told("\n".join(said))


FACES: Final[dict[str, Asked]] = {
    "JSON": by_json,
    "completions": by_completion,
    "responses": by_response,
    "MCP": by_tool,
    "WebSocket": by_socket,
}
