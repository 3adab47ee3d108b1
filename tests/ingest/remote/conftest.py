"""A small web site over a real socket, which the test may change while it runs."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest


@dataclass
class Answer:
    """What a path answers; `etag` makes it conditional."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    etag: str = ""


@dataclass
class Web:
    """`asked` are the paths that were requested, in order, with the status that was given."""

    base: str
    answers: dict[str, Answer]
    asked: list[tuple[str, int]]

    def page(self, path: str, body: str, **fields: object) -> None:
        content = f"<html><head><title>{path}</title></head><body><main><h1>Page {path}</h1>{body}</main></body></html>"
        answer = Answer(
            content.encode(), headers={"Content-Type": "text/html; charset=utf-8"}, etag=f'"{hash(body)}"'
        )
        self.answers[path] = answer
        for name, value in fields.items():
            setattr(answer, name, value)


@pytest.fixture
def web() -> Iterator[Web]:
    answers: dict[str, Answer] = {}
    asked: list[tuple[str, int]] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            answer = answers.get(self.path, Answer(b"no such page", 404))
            status = answer.status
            if answer.etag and self.headers.get("If-None-Match") == answer.etag:
                status = 304
            asked.append((self.path, status))
            body = answer.body if status != 304 else b""
            self.send_response(status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            if answer.etag:
                self.send_header("ETag", answer.etag)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Web(f"http://127.0.0.1:{server.server_port}", answers, asked)
    server.shutdown()
    server.server_close()
    thread.join()
