"""OpenAI's client straight on the event loop, on asyncio's and on uvloop's: what is read is what was sent, and whatever
goes wrong is told as httpcore tells it."""

import asyncio
import datetime
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
import uvloop
from openai import AsyncOpenAI

from ragchat.models.streams.wire import read_on_the_loop

Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
LOOPS = {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}


@pytest.fixture(params=LOOPS)
def run(request: pytest.FixtureRequest) -> Callable[[Any], Any]:
    def on_the_loop(work: Any) -> Any:
        with asyncio.Runner(loop_factory=LOOPS[request.param]) as runner:
            return runner.run(asyncio.wait_for(work, 50))

    return on_the_loop


def client(**more: Any) -> httpx2.AsyncClient:
    """One as OpenAI's client holds it, on the loop."""
    openai = AsyncOpenAI(
        api_key="none", base_url="http://127.0.0.1:9", http_client=httpx2.AsyncClient(**more)
    )
    assert read_on_the_loop(openai)
    assert read_on_the_loop(openai)  # as the next model's
    return openai._client


@asynccontextmanager
async def answering(answer: Answer, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """A server that gives each connection to `answer`; its port."""

    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await answer(reader, writer)
        finally:
            writer.close()

    server = await asyncio.start_server(served, "127.0.0.1", 0, ssl=tls)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def whole(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answers request after request on one connection with its port at the other end."""
    while await reader.readline():
        await reader.readuntil(b"\r\n\r\n")
        body = str(writer.get_extra_info("peername")[1]).encode()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))


def test_a_connection_serves_one_request_after_another(run: Callable[[Any], Any]) -> None:
    async def work() -> list[str]:
        async with answering(whole) as port, client() as http:
            return [(await http.get(f"http://127.0.0.1:{port}/")).text for _ in range(3)]

    assert len(set(run(work()))) == 1


def test_one_that_the_server_has_closed_is_left(run: Callable[[Any], Any]) -> None:
    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    async def work() -> list[str]:
        async with answering(once) as port, client() as http:
            texts = []
            for _ in range(3):
                texts.append((await http.get(f"http://127.0.0.1:{port}/")).text)
                await asyncio.sleep(0.05)  # until the end has come
            return texts

    assert run(work()) == ["ok"] * 3


def test_much_is_read_as_it_was_sent_and_the_server_waits_meanwhile(run: Callable[[Any], Any]) -> None:
    body = bytes(range(256)) * 64 * 1024  # 16 MB
    sent = 0

    async def much(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body))
        for at in range(0, len(body), 65_536):
            writer.write(body[at : at + 65_536])
            await writer.drain()
            sent = at

    async def work() -> tuple[bytes, int]:
        async with (
            answering(much) as port,
            client() as http,
            http.stream("GET", f"http://127.0.0.1:{port}/") as reply,
        ):
            pieces = reply.aiter_raw()
            first = await anext(pieces)
            await asyncio.sleep(0.3)  # nobody reads
            unread = sent
            return first + b"".join([piece async for piece in pieces]), unread

    read, unread = run(work())
    assert read == body
    assert unread < len(body) // 2


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()


async def broken(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")
    await writer.drain()
    await asyncio.sleep(0.05)
    held: socket.socket = writer.get_extra_info("socket")
    held.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")  # a reset in place of an end
    writer.transport.abort()


@pytest.mark.parametrize(
    ("answer", "expected"),
    [(silent, httpx2.ReadTimeout), (broken, httpx2.ReadError)],
    ids=["silent", "broken"],
)
def test_what_goes_wrong_is_told_as_ever(
    run: Callable[[Any], Any], answer: Answer, expected: type[Exception]
) -> None:
    async def work() -> None:
        async with answering(answer) as port, client(timeout=0.3) as http:
            await http.get(f"http://127.0.0.1:{port}/")

    with pytest.raises(expected):
        run(work())


def test_a_time_out_counts_from_the_last_piece(run: Callable[[Any], Any]) -> None:
    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n")
        for _ in range(8):
            await asyncio.sleep(0.1)
            writer.write(b".")
            await writer.drain()

    async def work() -> str:
        async with answering(slow) as port, client(timeout=0.5) as http:
            return (await http.get(f"http://127.0.0.1:{port}/")).text

    assert run(work()) == "." * 8


def test_nobody_there(run: Callable[[Any], Any]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

    async def work() -> None:
        async with client() as http:
            await http.get(f"http://127.0.0.1:{port}/")

    with pytest.raises(httpx2.ConnectError):
        run(work())


def test_another_address_is_tried_where_one_refuses(
    run: Callable[[Any], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work() -> str:
        async with answering(whole) as port, client() as http:
            known = [
                (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("::1", port, 0, 0)),
                (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port)),
            ]

            loop = type(asyncio.get_running_loop())
            resolved = loop.getaddrinfo

            async def found(self: Any, host: Any, *of: Any, **more: Any) -> Any:
                return known if host == "models.example" else await resolved(self, host, *of, **more)

            monkeypatch.setattr(loop, "getaddrinfo", found)
            return (await http.get(f"http://models.example:{port}/")).text

    assert run(work()).isdecimal()


def certified(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """What a server at 127.0.0.1 shows, and the file by which it is known."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    shown = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    known, secret = folder / "known.pem", folder / "secret.pem"
    known.write_bytes(shown.public_bytes(serialization.Encoding.PEM))
    form = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    secret.write_bytes(key.private_bytes(serialization.Encoding.PEM, *form))
    served = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    served.load_cert_chain(known, secret)
    return served, known


def test_over_tls_a_server_is_known_by_its_certificate(run: Callable[[Any], Any], tmp_path: Path) -> None:
    served, known = certified(tmp_path)

    async def work(verify: ssl.SSLContext) -> list[str]:
        async with answering(whole, served) as port, client(verify=verify) as http:
            return [(await http.get(f"https://localhost:{port}/")).text for _ in range(2)]

    texts = run(work(ssl.create_default_context(cafile=str(known))))
    assert texts[0] == texts[1]
    with pytest.raises(httpx2.ConnectError, match="certificate"):
        run(work(ssl.create_default_context()))


def test_the_client_of_a_model_is_read_so() -> None:
    from ragchat.models.chat import named_chat_model

    model: Any = named_chat_model("openai:test-model", timeout=10, base_url="http://127.0.0.1:9/v1")
    assert read_on_the_loop(model.root_async_client)


def test_clients_made_otherwise_keep_their_network() -> None:
    assert not read_on_the_loop(None)
    mock = httpx2.MockTransport(lambda _: httpx2.Response(200))
    through = httpx2.AsyncHTTPTransport(proxy="http://127.0.0.1:9")
    for transport in (mock, through):
        http = httpx2.AsyncClient(transport=transport)
        assert not read_on_the_loop(AsyncOpenAI(api_key="none", http_client=http))
