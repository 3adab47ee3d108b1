"""Traces reach a collector over the wire, and tell no word of what is asked or answered."""

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.support.serving import ROUTER


class Collector(ThreadingHTTPServer):
    """Keeps the spans that it is sent."""

    daemon_threads = True

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        collector = self

        class Taking(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                collector.bodies.append(self.rfile.read(int(self.headers["content-length"])))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None: ...

        super().__init__(("127.0.0.1", 0), Taking)

    @property
    def spans(self) -> dict[str, dict[str, str]]:
        """By name, the attributes as text."""
        requests = [ExportTraceServiceRequest.FromString(body) for body in self.bodies]
        return {
            span.name: {one.key: str(one.value) for one in span.attributes}
            for request in requests
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        }


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector() as taking:
        thread = threading.Thread(target=taking.serve_forever)
        thread.start()
        yield taking
        taking.shutdown()
        thread.join(10)


def test_a_collector_is_told_of_requests_and_answers_and_of_no_words(
    tmp_path: Path, collector: Collector
) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "router.md").write_text(ROUTER, "utf-8")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("OTEL_", "RAGCHAT_"))},
        "RAGCHAT_INDEX_DIR": str(tmp_path / "indexes"),
        "RAGCHAT_RERANKER": "none",
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{collector.server_address[1]}",
    }
    ragchat = [sys.executable, "-m", "ragchat"]
    subprocess.run(
        [*ragchat, "ingest", "docs"], env=environment, cwd=tmp_path, check=True, capture_output=True
    )
    with subprocess.Popen(
        [*ragchat, "serve", "--port", "0"], env=environment, cwd=tmp_path, stderr=subprocess.PIPE, text=True
    ) as server:
        try:
            assert server.stderr is not None
            line = next(line for line in server.stderr if "http://" in line)
            found = re.search(r"http://[\d.]+:\d+", line)
            assert found is not None
            question = {"message": "How long is the warranty of the router?"}
            with httpx.stream("GET", f"{found[0]}/v1/chat/stream", params=question, timeout=60) as stream:
                said = stream.read().decode()
            assert "36 months" in said
        finally:
            server.send_signal(signal.SIGTERM)
            server.communicate(timeout=60)
    spans = collector.spans
    assert {"ragchat.answer", "ragchat.search", "ragchat.write", "GET /v1/chat/stream"} <= set(spans)
    assert "answered" in spans["ragchat.answer"]["ragchat.finish"]
    assert "default" in spans["ragchat.answer"]["ragchat.collection"]
    assert "…" in spans["GET /v1/chat/stream"]["url.query"]
    sent = b" ".join(collector.bodies)
    for word in (b"warranty", b"36 months", b"Router"):
        assert word not in sent
