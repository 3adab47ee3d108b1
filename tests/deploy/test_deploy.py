"""What deploy/ promises: nginx passes streams and sockets as they come, and every setting that is named there
exists."""

import asyncio
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import yaml
from websockets.asyncio.client import connect
from websockets.asyncio.server import serve

from ragchat.settings import Settings
from tests.conftest import REPOSITORY
from tests.support.openai_server import ChatScript, openai_server

DEPLOY = REPOSITORY / "deploy"
NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
needs_nginx = pytest.mark.skipif(NGINX is None, reason="no nginx on this machine")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def nginx(folder: Path, upstream: int) -> Iterator[str]:
    """deploy/nginx.conf in front of the port `upstream`; only ports and the log's place are changed."""
    port = free_port()
    server = (DEPLOY / "nginx.conf").read_text("utf-8")
    server = server.replace("server 127.0.0.1:8000;", f"server 127.0.0.1:{upstream};")
    server = server.replace("listen 80;", f"listen 127.0.0.1:{port};").replace(
        "/dev/stdout", f"{folder}/access.log"
    )
    temporary = "\n".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    main = f"daemon off; pid {folder}/pid; error_log {folder}/error.log; events {{}} http {{ {temporary}\n{server} }}"
    (folder / "nginx.conf").write_text(main, "utf-8")
    process = subprocess.Popen([str(NGINX), "-p", str(folder), "-c", str(folder / "nginx.conf")])
    try:
        until = time.monotonic() + 20
        while True:
            assert process.poll() is None, (folder / "error.log").read_text()
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                assert time.monotonic() < until
                time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


def ragchat(folder: Path, *arguments: str, **variables: str) -> "subprocess.Popen[bytes]":
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "PYTHONPATH": str(REPOSITORY), **variables}
    program = [sys.executable, "-m", "ragchat", *arguments]
    return subprocess.Popen(
        program, env=environment, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


@needs_nginx
def test_streams_pass_nginx_piece_by_piece_in_front_of_two_workers(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.md").write_text("# Router\n\nHold the power button of the router to reset it.\n")
    assert ragchat(tmp_path, "ingest", "docs").wait(60) == 0
    port = free_port()
    with openai_server() as model:
        model.chats = [ChatScript(tokens=("Hold", " the", " power", " button", " [1]."), pause=0.4)]
        variables = {
            "RAGCHAT_CHAT_MODEL": "openai:test",
            "OPENAI_BASE_URL": model.url,
            "RAGCHAT_TRUSTED_PROXIES": "127.0.0.1",
            "RAGCHAT_RATE_LIMIT": "3/minute",
        }
        server = ragchat(tmp_path, "serve", "--workers", "2", "--port", str(port), **variables)
        try:
            with nginx(tmp_path, port) as base, httpx.Client(base_url=base, timeout=60) as client:
                until = time.monotonic() + 60
                while client.get("/health/ready").status_code != 200:
                    assert time.monotonic() < until
                    time.sleep(0.2)
                came: list[float] = []
                with client.stream(
                    "POST", "/v1/chat/stream", json={"message": "How do I reset the router?"}
                ) as reply:
                    assert reply.headers["content-type"].startswith("text/event-stream")
                    came += [time.monotonic() for line in reply.iter_lines() if line == "event: token"]
                assert len(came) >= 3
                assert came[-1] - came[0] > 0.7  # collected, they would all have come together
                assert client.get("/metrics").status_code == 404
                private = {"message": "secret zebra"}
                client.get("/v1/chat/stream", params=private)
            assert "zebra" not in (tmp_path / "access.log").read_text()
        finally:
            server.terminate()
            server.wait(30)


@needs_nginx
async def test_sockets_pass_nginx_both_ways(tmp_path: Path) -> None:
    async def echo(socket) -> None:  # type: ignore[no-untyped-def]
        async for message in socket:
            await socket.send(message.upper())

    async with serve(echo, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        started = threading.Event()
        stopping = threading.Event()
        base: list[str] = []

        def front() -> None:
            with nginx(tmp_path, port) as address:
                base.append(address)
                started.set()
                stopping.wait(30)

        thread = threading.Thread(target=front)
        thread.start()
        assert await asyncio.to_thread(started.wait, 20)
        async with connect(base[0].replace("http", "ws") + "/v1/ws/chat/c1") as client:
            for word in ("hello", "there"):
                await client.send(word)
                assert await client.recv() == word.upper()
        stopping.set()
        await asyncio.to_thread(thread.join, 20)


def test_the_two_nginx_files_differ_in_their_servers_only() -> None:
    def rules(name: str) -> list[str]:
        lines = (DEPLOY / name).read_text("utf-8").splitlines()
        return [
            line.strip() for line in lines if line.strip() and not re.match(r"\s*(#|server \S+:8000;)", line)
        ]

    assert rules("nginx.conf") == rules("nginx.compose.conf")


def test_every_setting_that_is_named_exists() -> None:
    known = {f"RAGCHAT_{name.upper()}" for name in Settings.model_fields}
    for file in DEPLOY.rglob("*"):
        if file.is_file():
            named = set(re.findall(r"RAGCHAT_[A-Z_]+[A-Z]", file.read_text("utf-8")))
            assert named <= known, file


def test_the_manifests_are_yaml_and_give_streams_time_to_end() -> None:
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
    assert {"api", "api2", "postgres", "nginx"} <= set(compose["services"])
    kinds = {
        part["kind"]: part
        for part in yaml.safe_load_all((DEPLOY / "kubernetes/ragchat.yaml").read_text("utf-8"))
    }
    pod = kinds["Deployment"]["spec"]["template"]["spec"]
    grace = int(kinds["ConfigMap"]["data"]["RAGCHAT_SHUTDOWN_GRACE"])
    assert pod["terminationGracePeriodSeconds"] >= grace + 5 + 2
    Settings(
        _env_file=None,
        **{
            name.removeprefix("RAGCHAT_").lower(): value for name, value in kinds["ConfigMap"]["data"].items()
        },
    )
