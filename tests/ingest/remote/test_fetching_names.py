"""Two names on one address are two sites: what one of them set or proved does not count for the other."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from ingest.fetching import Fetcher


class _Echo(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = f"{self.client_address[1]} {self.headers.get('Cookie', '')}".encode()
        self.send_response(200)
        self.send_header("Set-Cookie", "secret=1")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Tests are quiet."""


@pytest.fixture
def port() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Echo)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server.server_port
    server.shutdown()
    server.server_close()
    thread.join()


def test_another_name_on_the_same_address_gets_neither_connection_nor_cookie(port: int) -> None:
    names = frozenset({"one.test", "two.test"})
    with Fetcher(private=names, resolve=lambda *_: ["127.0.0.1"]) as fetcher:
        first = fetcher.get(f"http://one.test:{port}/").content.split()
        second = fetcher.get(f"http://two.test:{port}/").content.split()
    assert first[0] != second[0]
    assert second[1:] == []
