"""The least that FastAPI can do: a stream of tokens at an even pace, and nothing else. What ragchat is held against."""

import asyncio
import json
import os
from collections.abc import AsyncIterator

from fastapi import FastAPI
from starlette.responses import StreamingResponse

TOKENS, PER_SECOND = int(os.environ.get("BENCH_TOKENS", "100")), float(os.environ.get("BENCH_RATE", "20"))
app = FastAPI()


@app.get("/health/ready")
async def ready() -> dict[str, bool]:
    return {"ready": True}


@app.post("/v1/chat/stream")
async def stream() -> StreamingResponse:
    return StreamingResponse(_events(), media_type="text/event-stream")


async def _events() -> AsyncIterator[str]:
    due = asyncio.get_running_loop().time()
    for number in range(TOKENS):
        due += 1 / PER_SECOND
        await asyncio.sleep(due - asyncio.get_running_loop().time())
        data = json.dumps({"type": "token", "seq": number, "token": f" word{number}"})
        yield f"id: {number}\nevent: token\ndata: {data}\n\n"
    yield 'event: done\ndata: {"type": "done"}\n\n'
