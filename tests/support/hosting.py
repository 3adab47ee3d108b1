"""Somebody else's site: a few pages on an origin of their own, with the headers of a strict site."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Site:
    """Pages by path, changed while it runs; `headers` go with each of them."""

    def __init__(self, port: int) -> None:
        self.origin = f"http://127.0.0.1:{port}"
        self.pages: dict[str, str] = {}
        self.headers: Mapping[str, str] = {}


@contextmanager
def hosted() -> Iterator[Site]:
    """A site on a free port, without pages."""
    sites: list[Site] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = sites[0].pages.get(self.path)
            self.send_response(404 if page is None else 200)
            kind = "text/css" if self.path.endswith(".css") else "text/html; charset=utf-8"
            for name, value in {"Content-Type": kind, **sites[0].headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write((page or "").encode())

        def log_message(self, *said: object) -> None:
            """Nothing: tests say what they see."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    sites.append(Site(server.server_address[1]))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield sites[0]
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()
