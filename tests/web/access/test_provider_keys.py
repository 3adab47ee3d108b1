"""Public keys of an identity provider over HTTP: fetched when they are needed, again when new ones are used."""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from ragchat.access import identity
from ragchat.access.identity import Identities, Provider
from ragchat.errors import StorageFailed, Unauthorized


class KeysServer(ThreadingHTTPServer):
    """Serves the public halves of its keys as a JWKS, or an error."""

    daemon_threads = True

    def __init__(self) -> None:
        self.keys: dict[str, rsa.RSAPrivateKey] = {}
        self.asked = 0
        self.broken = False
        server = self

        class Telling(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.asked += 1
                body = b"down" if server.broken else server.document()
                self.send_response(503 if server.broken else 200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None: ...

        super().__init__(("127.0.0.1", 0), Telling)

    @property
    def provider(self) -> Provider:
        url = f"http://127.0.0.1:{self.server_address[1]}/keys"
        return Provider("https://id.example", "ragchat", url)

    def document(self) -> bytes:
        public = [
            {**json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key())), "kid": kid, "use": "sig"}
            for kid, key in self.keys.items()
        ]
        return json.dumps({"keys": public}).encode()

    def new(self, kid: str) -> None:
        self.keys[kid] = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def token(self, kid: str, *, key: str | None = None, lasts: float = 60) -> str:
        claims = {"iss": "https://id.example", "aud": "ragchat", "sub": "ann", "exp": time.time() + lasts}
        return jwt.encode(claims, self.keys[key or kid], algorithm="RS256", headers={"kid": kid})


@pytest.fixture
def server() -> Iterator[KeysServer]:
    with KeysServer() as serving:
        thread = threading.Thread(target=serving.serve_forever)
        thread.start()
        serving.new("k1")
        yield serving
        serving.shutdown()
        thread.join(10)


async def test_keys_are_fetched_once_for_many_tokens(server: KeysServer) -> None:
    identities = Identities(server.provider)
    for _ in range(5):
        assert (await identities.principal(server.token("k1"))).user == "ann"
    assert server.asked == 1


async def test_a_new_key_is_fetched_and_made_up_ones_do_not_knock_again(
    server: KeysServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    identities = Identities(server.provider)
    await identities.principal(server.token("k1"))
    server.new("k2")
    with pytest.raises(Unauthorized):  # too soon after the last time
        await identities.principal(server.token("k2"))
    monkeypatch.setattr(identity, "RETRY_SECONDS", 0.0)
    assert (await identities.principal(server.token("k2"))).user == "ann"
    monkeypatch.setattr(identity, "RETRY_SECONDS", 60.0)
    for number in range(20):
        with pytest.raises(Unauthorized):
            await identities.principal(server.token(f"made-up-{number}", key="k1"))
    assert server.asked == 2


async def test_a_token_of_another_key_or_past_its_time_is_refused(server: KeysServer) -> None:
    server.new("k2")
    identities = Identities(server.provider)
    for token in (server.token("k1", key="k2"), server.token("k1", lasts=-3600)):
        with pytest.raises(Unauthorized):
            await identities.principal(token)


async def test_a_provider_that_is_down_is_told_as_such(server: KeysServer) -> None:
    server.broken = True
    with pytest.raises(StorageFailed) as refused:
        await Identities(server.provider).principal(server.token("k1"))
    assert refused.value.code == "jwks_unavailable"
    assert "RAGCHAT_JWT_JWKS" in refused.value.hint
