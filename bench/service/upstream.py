"""A model's service that speaks at an even pace: `python -m bench.service.upstream PORT TOKENS PER_SECOND`.

OpenAI's streaming format over plain asyncio, so that it costs as little as can be of the machine that is measured. It
counts how many streams were open at once; `GET /peak` tells the most.
"""

import asyncio
import json
import sys

TEXT = (
    "Hold the power button of the router for about ten seconds, until the light in front turns amber. Then let it go "
    "and wait: the router restarts, which takes some two minutes, and forgets every setting that you made."
)
WORDS = TEXT.split(" ")
"""What is said again and again, a word a token: prose, so that sentences are cut as in an answer."""


class Upstream:
    """Answers every POST by a stream of `tokens` tokens."""

    def __init__(self, tokens: int, per_second: float) -> None:
        self._pause = 1 / per_second
        self._pieces = [_piece({"role": "assistant", "content": ""})]
        self._pieces += [_piece({"content": f" {WORDS[n % len(WORDS)]}"}) for n in range(tokens)]
        self._pieces.append(_piece({}, finish="stop") + _chunk(b"data: [DONE]\n\n") + b"0\r\n\r\n")
        self.open = self.peak = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                if head.startswith(b"GET"):
                    body = str(self.peak).encode()
                    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
                    continue
                length = next(
                    line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")
                )
                await reader.readexactly(int(length.partition(b":")[2]))
                await self._stream(writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _stream(self, writer: asyncio.StreamWriter) -> None:
        self.open += 1
        self.peak = max(self.peak, self.open)
        try:
            writer.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
            )
            due = asyncio.get_running_loop().time()
            for piece in self._pieces:
                due += self._pause
                await asyncio.sleep(due - asyncio.get_running_loop().time())
                writer.write(piece)
                await writer.drain()
        finally:
            self.open -= 1


def _piece(delta: dict[str, str], finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    chunk = {"id": "c", "object": "chat.completion.chunk", "created": 0, "model": "m", "choices": [choice]}
    return _chunk(b"data: " + json.dumps(chunk).encode() + b"\n\n")


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


async def main(port: int, tokens: int, per_second: float) -> None:
    server = await asyncio.start_server(Upstream(tokens, per_second).serve, "127.0.0.1", port, backlog=2048)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
