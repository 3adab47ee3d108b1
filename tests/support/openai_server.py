"""A local OpenAI-compatible HTTP server whose behaviour is scripted: embeddings and chat completions, good and bad.

Each chat request takes the next `ChatScript` of `server.chats` (the last one repeats). Vectors are a deterministic
hash of the text. Every request is recorded with whether the client hung up before the answer was complete.
"""

import hashlib
import json
import select
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal

Fault = Literal[
    "none",
    "status",  # answers `status` (with Retry-After where set), and an OpenAI error object
    "html",  # 200 with a web page
    "silence",  # accepts the request and never answers
    "cut",  # the connection closes after the tokens, mid-stream
    "cut_in_character",  # … in the middle of a multi-byte character
    "empty",  # 200, an event stream without a single event
    "bad_json",  # after the tokens a chunk that is not JSON
    "drip",  # goes on sending tokens until the client hangs up
    "no_reason",  # ends properly, but never says why
    "redirect",  # 307 to `elsewhere`
    "whole",  # asked for a stream, answers with one JSON object
    "null",  # sends `data: null` between the tokens
    "comments",  # after the tokens only keep-alive comments, until the client hangs up
]


@dataclass(frozen=True)
class ChatScript:
    """How one chat completion goes; `pause` seconds before each token."""

    tokens: Sequence[str] = ("Hello", " there", ".")
    fault: Fault = "none"
    status: int = 500
    retry_after: str | None = None
    finish: str = "stop"
    usage: bool = True
    pause: float = 0.0
    elsewhere: str = ""


@dataclass
class Recorded:
    """One request: its path, JSON body and headers; `hung_up` is set when the client closed before the end."""

    path: str
    body: dict
    headers: dict[str, str]
    hung_up: threading.Event = field(default_factory=threading.Event)
    finished: threading.Event = field(default_factory=threading.Event)


class OpenAIServer:
    """Listens on a free loopback port while it is entered; `url` ends in /v1."""

    def __init__(self, *, dimension: int = 8) -> None:
        self.dimension = dimension
        self.chats: list[ChatScript] = [ChatScript()]
        self.embedding_failures: list[ChatScript] = []  # used up first; then embeddings succeed
        self.bad_vectors: list[list[float]] | None = None
        self.requests: list[Recorded] = []
        self.closing = threading.Event()
        self._lock = threading.Lock()
        self._served = 0

    def __enter__(self) -> "OpenAIServer":
        server = self

        class Handler(_Handler):
            script = server

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}/v1"

    def record(self, request: Recorded) -> None:
        with self._lock:
            self.requests.append(request)

    def next_chat(self) -> ChatScript:
        with self._lock:
            script = self.chats[min(self._served, len(self.chats) - 1)]
            self._served += 1
            return script

    def next_embedding_failure(self) -> ChatScript | None:
        with self._lock:
            return self.embedding_failures.pop(0) if self.embedding_failures else None

    def vector(self, text: str) -> list[float]:
        """Deterministic, of length other than one."""
        digest = hashlib.sha256(text.encode()).digest()
        return [float(digest[index % 32]) - 127.5 for index in range(self.dimension)]


@contextmanager
def openai_server(*, dimension: int = 8) -> Iterator[OpenAIServer]:
    with OpenAIServer(dimension=dimension) as server:
        yield server


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    script: OpenAIServer

    def log_message(self, *_: object) -> None:
        pass

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        request = Recorded(self.path, body, {name.lower(): value for name, value in self.headers.items()})
        self.script.record(request)
        try:
            if self.path.endswith("/embeddings"):
                self._embeddings(body, request)
            elif self.path.endswith("/chat/completions"):
                self._chat(body, self.script.next_chat(), request)
            else:
                self._json(404, {"error": {"message": "no such path", "type": "not_found"}})
        except (BrokenPipeError, ConnectionResetError):
            request.hung_up.set()
        finally:
            request.finished.set()

    def _embeddings(self, body: dict, request: Recorded) -> None:
        if (failure := self.script.next_embedding_failure()) is not None:
            self._fail(failure, request)
            return
        texts = body["input"] if isinstance(body["input"], list) else [body["input"]]
        vectors = self.script.bad_vectors or [self.script.vector(text) for text in texts]
        data = [
            {"object": "embedding", "index": index, "embedding": vector}
            for index, vector in enumerate(vectors)
        ]
        usage = {"prompt_tokens": 1, "total_tokens": 1}
        self._json(200, {"object": "list", "model": body["model"], "data": data, "usage": usage})

    def _chat(self, body: dict, script: ChatScript, request: Recorded) -> None:
        if script.fault in ("status", "html", "silence", "redirect"):
            self._fail(script, request)
        elif body.get("stream") and script.fault != "whole":
            self._stream(body, script, request)
        else:
            message = {"role": "assistant", "content": "".join(script.tokens)}
            choice = {"index": 0, "message": message, "finish_reason": script.finish}
            answer = _frame(body, "chat.completion", [choice])
            self._json(200, answer | ({"usage": _usage(script)} if script.usage else {}))

    def _fail(self, script: ChatScript, request: Recorded) -> None:
        match script.fault:
            case "html":
                self._body(200, "text/html", b"<!doctype html><title>Welcome</title><p>It works!</p>")
            case "silence":
                self._wait_for_hang_up(request)
            case "redirect":
                self.send_response(307)
                self.send_header("Location", script.elsewhere)
                self.send_header("Content-Length", "0")
                self.end_headers()
            case _:
                secret = self.headers.get("Authorization", "")
                error = {"message": f"scripted failure for {secret}", "type": "server_error", "code": None}
                self._json(script.status, {"error": error}, retry_after=script.retry_after)

    def _stream(self, body: dict, script: ChatScript, request: Recorded) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream; charset=utf-8")
        self.send_header("Transfer-Encoding", "chunked")
        self.send_header("Connection", "close")  # as it does: a client must not send its next request on it
        self.end_headers()
        self.close_connection = True
        if script.fault == "empty":
            self._write(b"0\r\n\r\n")
            return
        self._event(body, {"role": "assistant", "content": ""})
        for token in script.tokens:
            self._pause(script.pause, request)
            self._event(body, {"content": token})
            if script.fault == "null":
                self._piece(b"data: null\n\n")
        self._end(body, script, request)

    def _end(self, body: dict, script: ChatScript, request: Recorded) -> None:
        """After the tokens. A cut leaves out the closing zero-length piece, as a dying process or proxy does."""
        match script.fault:
            case "cut":
                return
            case "cut_in_character":
                event = json.dumps(_chunk(body, {"content": "é"}), ensure_ascii=False).encode()
                self._piece(b"data: " + event[: event.index("é".encode()) + 1])
                return
            case "bad_json":
                self._piece(b'data: {"choices": [{"delta": \n\n')
            case "drip":
                while self._pause(max(script.pause, 0.02), request):
                    self._event(body, {"content": " and"})
            case "comments":
                while self._pause(max(script.pause, 0.02), request):
                    self._piece(b": keep-alive\n\n")
            case _:
                self._event(body, {}, None if script.fault == "no_reason" else script.finish)
                if script.usage and (body.get("stream_options") or {}).get("include_usage"):
                    frame = _frame(body, "chat.completion.chunk", []) | {"usage": _usage(script)}
                    self._piece(b"data: " + json.dumps(frame).encode() + b"\n\n")
                self._piece(b"data: [DONE]\n\n")
        self._write(b"0\r\n\r\n")

    def _event(self, body: dict, delta: dict, finish: str | None = None) -> None:
        chunk = json.dumps(_chunk(body, delta, finish), ensure_ascii=False)
        self._piece(b"data: " + chunk.encode() + b"\n\n")

    def _piece(self, content: bytes) -> None:
        """One piece of a chunked body (RFC 9112 7.1)."""
        self._write(b"%x\r\n%s\r\n" % (len(content), content))

    def _write(self, content: bytes) -> None:
        self.wfile.write(content)
        self.wfile.flush()

    def _pause(self, seconds: float, request: Recorded) -> bool:
        """Waits; False, with `hung_up` set, when the client has closed the connection, or the server closes."""
        until = time.monotonic() + seconds
        while True:
            left = until - time.monotonic()
            readable, _, _ = select.select([self.connection], [], [], max(0.0, min(left, 0.02)))
            if readable and self._closed_by_client():
                request.hung_up.set()
                raise BrokenPipeError
            if self.script.closing.is_set():
                return False
            if left <= 0:
                return True

    def _closed_by_client(self) -> bool:
        try:
            return self.connection.recv(1, socket.MSG_PEEK) == b""
        except ConnectionResetError:
            return True

    def _wait_for_hang_up(self, request: Recorded) -> None:
        while self._pause(0.05, request):
            pass
        self.close_connection = True

    def _json(self, status: int, answer: dict, *, retry_after: str | None = None) -> None:
        self._body(status, "application/json", json.dumps(answer).encode(), retry_after)

    def _body(self, status: int, media_type: str, content: bytes, retry_after: str | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(content)))
        if retry_after is not None:
            self.send_header("Retry-After", retry_after)
        self.end_headers()
        self._write(content)


def _frame(body: dict, kind: str, choices: list[dict]) -> dict:
    return {"id": "chat-1", "object": kind, "created": 0, "model": body["model"], "choices": choices}


def _chunk(body: dict, delta: dict, finish: str | None = None) -> dict:
    return _frame(body, "chat.completion.chunk", [{"index": 0, "delta": delta, "finish_reason": finish}])


def _usage(script: ChatScript) -> dict[str, int]:
    said = len(script.tokens)
    return {"prompt_tokens": 11, "completion_tokens": said, "total_tokens": 11 + said}
