"""`python -m bench.service`: gaps between tokens, overhead to the first one, memory and slots, beside a bare streamer.

Everything runs on this machine: the scripted service, the server, and the readers. Run it when nothing else does; the
load of the machine is written beside the figures.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from socket import create_server
from typing import Any

from bench.service.clients import many, percentile, read

ROUTER = "# Router\n\nHold the power button of the router for ten seconds to reset it.\n"


def free_port() -> int:
    with create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def running(*arguments: str, **variables: str) -> Iterator["subprocess.Popen[bytes]"]:
    process = subprocess.Popen(
        [sys.executable, "-m", *arguments],
        env={**os.environ, **variables},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)


def until_ready(port: int, path: str = "/health/ready") -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with suppress(OSError):
            urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5)
            return
        time.sleep(0.1)
    raise SystemExit("the server did not become ready")


def resident(process: "subprocess.Popen[bytes]") -> float:
    """MB of memory that the process holds."""
    line = next(
        line for line in Path(f"/proc/{process.pid}/status").read_text().splitlines() if "VmRSS" in line
    )
    return int(line.split()[1]) / 1000


def measure(name: str, port: int, streams: int) -> dict[str, Any]:
    seen = asyncio.run(many(port, streams))
    gaps = [gap for one in seen for gap in one.gaps]
    return {
        "server": name,
        "streams": streams,
        "done": sum(one.end == "done" for one in seen),
        "otherwise": sorted({f"{one.status} {one.end}" for one in seen if one.end != "done"}),
        "gap_p50_ms": round(percentile(gaps, 0.5) * 1000, 1),
        "gap_p95_ms": round(percentile(gaps, 0.95) * 1000, 1),
        "gap_p99_ms": round(percentile(gaps, 0.99) * 1000, 1),
    }


def first_token(port: int, rate: float, times: int = 30) -> float:
    """Median milliseconds to the first token of one stream alone, over the service's own (the pause before two
    pieces)."""
    firsts = [
        asyncio.run(read(port, f"How do I reset router {n}?", leave_after=1)).tokens for n in range(times)
    ]
    return round((percentile([first[0] for first in firsts if first], 0.5) - 2 / rate) * 1000, 1)


def memory(port: int, server: "subprocess.Popen[bytes]", chats: int) -> dict[str, float]:
    """MB after a tenth of the chats and after all of them."""
    at: list[float] = []
    for part in (chats // 10, chats - chats // 10):
        left = part
        while left > 0:
            asyncio.run(many(port, min(left, 100), over=0.5))
            left -= 100
        at.append(resident(server))
    return {
        "mb_after_a_tenth": at[0],
        "mb_after_all": at[1],
        "slope_percent": round((at[1] / at[0] - 1) * 100, 1),
    }


def leaked(port: int, aborts: int) -> float:
    """Slots still held a while after so many readers went away in the middle."""
    asyncio.run(many(port, aborts, over=5, leave_after=2))
    time.sleep(10)  # an answer waits five seconds for a reader to come back
    text = urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10).read().decode()
    return float(
        next(line for line in text.splitlines() if line.startswith("ragchat_answers_running ")).split()[1]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--streams", type=int, default=400)
    parser.add_argument("--tokens", type=int, default=200)
    parser.add_argument("--rate", type=float, default=20.0)
    parser.add_argument("--chats", type=int, default=10_000, help="for the memory; 0: not measured")
    parser.add_argument("--aborts", type=int, default=500)
    given = parser.parse_args()
    report: dict[str, Any] = {"load_before": os.getloadavg()[0]}
    upstream, bare, port = free_port(), free_port(), free_port()
    with tempfile.TemporaryDirectory() as place:
        (Path(place) / "docs").mkdir()
        (Path(place) / "docs" / "router.md").write_text(ROUTER)
        index = {"RAGCHAT_INDEX_DIR": f"{place}/indexes"}
        with running("ragchat", "ingest", f"{place}/docs", **index) as ingest:
            ingest.wait()
        settings = {
            **index,
            "RAGCHAT_CHAT_MODEL": "openai:test",
            "OPENAI_BASE_URL": f"http://127.0.0.1:{upstream}/v1",
            "RAGCHAT_MAX_CONCURRENT": str(given.streams + given.aborts),
            "RAGCHAT_ANSWER_CACHE": "off",
        }
        paced = {"BENCH_TOKENS": str(given.tokens), "BENCH_RATE": str(given.rate)}
        with running("bench.service.upstream", str(upstream), str(given.tokens), str(given.rate)):
            with running(
                "uvicorn", "bench.service.bare:app", "--port", str(bare), "--log-level", "error", **paced
            ):
                until_ready(bare)
                report["bare"] = measure("bare FastAPI", bare, given.streams)
            with running("ragchat", "serve", "--port", str(port), **settings) as server:
                until_ready(port)
                asyncio.run(many(port, 4))
                report["first_token_overhead_p50_ms"] = first_token(port, given.rate)
                report["ragchat"] = measure("ragchat", port, given.streams)
                report["leaked_slots"] = leaked(port, given.aborts) if given.aborts else None
            if given.chats:
                with running("bench.service.upstream", str(quick := free_port()), "20", "1000"):
                    fast = {**settings, "OPENAI_BASE_URL": f"http://127.0.0.1:{quick}/v1"}
                    with running("ragchat", "serve", "--port", str(port), **fast) as server:
                        until_ready(port)
                        report["memory"] = memory(port, server, given.chats)
    report["load_after"] = os.getloadavg()[0]
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
