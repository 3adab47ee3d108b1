"""Readers of streams over plain asyncio: what one saw, and many of them at once."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from time import perf_counter


@dataclass(slots=True)
class Seen:
    """One stream: its status, seconds from the request to each token, and the name of its last event."""

    status: int = 0
    tokens: list[float] = field(default_factory=list)
    end: str = ""

    @property
    def gaps(self) -> list[float]:
        """Seconds between neighbouring tokens."""
        return [after - before for before, after in zip(self.tokens, self.tokens[1:], strict=False)]


async def read(port: int, message: str, *, leave_after: int = 0) -> Seen:
    """One stream to its end, or until `leave_after` tokens have come (0: to the end)."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    body = json.dumps({"message": message}).encode()
    head = "POST /v1/chat/stream HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nConnection: close\r\n"
    begun, seen = perf_counter(), Seen()
    writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
    try:
        seen.status = int((await reader.readline()).split()[1])
        while line := await reader.readline():
            if line.startswith(b"event: "):
                seen.end = line[7:].decode().strip()
                if seen.end == "token":
                    seen.tokens.append(perf_counter() - begun)
                    if leave_after and len(seen.tokens) >= leave_after:
                        break
    finally:
        writer.transport.abort() if leave_after else writer.close()
    return seen


async def many(port: int, count: int, *, over: float = 2.0, leave_after: int = 0) -> Sequence[Seen]:
    """`count` readers at once, begun evenly over `over` seconds, each with a question of its own."""

    async def one(number: int) -> Seen:
        await asyncio.sleep(over * number / count)
        return await read(port, f"How do I reset the router number {number}?", leave_after=leave_after)

    return await asyncio.gather(*(one(number) for number in range(count)))


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of them lie; nan of none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")
