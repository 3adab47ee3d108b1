"""Tags are enforced inside the search: what a caller may not see is in no answer, source, search, list or text."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from ingest.options import IngestOptions
from ingest.run import ingest
from ragchat.access.store import KeyStore
from ragchat.corpus.local.store import LocalStore
from ragchat.models.loading import load_embedder
from ragchat.runtime.checks import calibration
from ragchat.runtime.runtime import Runtime
from ragchat.settings import Settings
from tests.support.serving import served

PUBLIC = "# Router\n\nHold the power button of the router for ten seconds to reset it.\n"
BOARD = "# Merger\n\nThe merger with Heron is planned for the third of May and is called project Walrus.\n"
QUESTION = "What is the merger with Heron called?"
PROVIDER = {"jwt_issuer": "https://id.example", "jwt_audience": "ragchat"}


@pytest.fixture(scope="module")
def signer() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory, signer: rsa.RSAPrivateKey) -> Settings:
    folder = tmp_path_factory.mktemp("tagged")
    public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(signer.public_key()))
    (folder / "jwks.json").write_text(json.dumps({"keys": [{**public, "kid": "k1", "use": "sig"}]}), "utf-8")
    lines = [
        {"id": "public", "title": "Router", "text": PUBLIC},
        {"id": "board", "title": "Merger", "text": BOARD, "acl": ["board"]},
    ]
    (folder / "docs.jsonl").write_text("\n".join(map(json.dumps, lines)), "utf-8")
    settings = Settings(
        _env_file=None,
        index_dir=folder / "indexes",
        api_keys="required",
        jwt_jwks=str(folder / "jwks.json"),
        **PROVIDER,
    )
    embedder = load_embedder("local:minilm", threads=1)
    store = LocalStore(settings.index_dir / "default")
    ingest([folder / "docs.jsonl"], store, embedder, IngestOptions(checks=(calibration(),)))
    return settings


@pytest.fixture(scope="module")
def base(settings: Settings) -> Iterator[str]:
    with served(Runtime(settings)) as address:
        yield address


def key_of(settings: Settings, tags: frozenset[str] | None) -> str:
    return KeyStore(settings.keys_url).create(name="t", scopes=frozenset({"chat"}), tags=tags)[1]


def told(base: str, credential: str) -> str:
    """Everything that a caller can get out of the server about the question, as one text."""
    headers = {"Authorization": f"Bearer {credential}"}
    with httpx.Client(base_url=base, headers=headers, timeout=60) as client:
        answer = client.post("/v1/chat", json={"message": QUESTION})
        assert answer.status_code == 200, answer.text
        parts = [
            answer.text,
            client.post("/v1/chat/stream", json={"message": QUESTION + " "}).text,
            client.get("/v1/search", params={"q": QUESTION}).text,
            client.get("/v1/documents").text,
            client.get("/v1/suggestions").text,
        ]
        listed = client.get("/v1/documents").json()["documents"]
        parts += [client.get(f"/v1/documents/{document['id']}/text").text for document in listed]
    return "".join(parts).replace(QUESTION, "")


def test_with_the_tag_or_without_bounds_the_document_answers(base: str, settings: Settings) -> None:
    assert "Walrus" in told(base, key_of(settings, None))
    assert "Walrus" in told(base, key_of(settings, frozenset({"board", "staff"})))


@pytest.mark.parametrize("tags", [frozenset(), frozenset({"staff"})])
def test_without_the_tag_nothing_of_it_is_told(base: str, settings: Settings, tags: frozenset[str]) -> None:
    everything = told(base, key_of(settings, tags))
    assert "Walrus" not in everything
    assert "Merger" not in everything
    assert "power button" in everything


def test_an_answer_that_was_cached_for_the_board_is_not_given_to_others(
    base: str, settings: Settings
) -> None:
    for _ in range(2):
        assert "Walrus" in told(base, key_of(settings, frozenset({"board"})))
        assert "Walrus" not in told(base, key_of(settings, frozenset({"staff"})))


def test_a_document_out_of_sight_is_not_found_by_its_id(base: str, settings: Settings) -> None:
    with httpx.Client(base_url=base, headers={"X-API-Key": key_of(settings, None)}) as client:
        listed = client.get("/v1/documents").json()["documents"]
    hidden = next(document["id"] for document in listed if document["title"] == "Merger")
    with httpx.Client(base_url=base, headers={"X-API-Key": key_of(settings, frozenset())}) as client:
        for part in ("", "/text", "/blocks", "/file"):
            assert client.get(f"/v1/documents/{hidden}{part}").status_code == 404, part


def token(signer: Any, algorithm: str = "RS256", kid: str = "k1", **claims: Any) -> str:
    now = datetime.now(UTC)
    said = {
        "iss": "https://id.example",
        "aud": "ragchat",
        "sub": "ada",
        "exp": now + timedelta(minutes=5),
        "groups": ["board"],
        **claims,
    }
    return jwt.encode(
        {k: v for k, v in said.items() if v is not None}, signer, algorithm, headers={"kid": kid}
    )


def test_the_groups_of_a_signed_in_person_are_its_tags(base: str, signer: rsa.RSAPrivateKey) -> None:
    assert "Walrus" in told(base, token(signer))
    assert "Walrus" not in told(base, token(signer, groups=["staff"]))
    assert "Walrus" not in told(base, token(signer, groups=None))


def test_people_reach_as_far_as_their_scopes(base: str, signer: rsa.RSAPrivateKey) -> None:
    for scope, status in ((None, 403), ("openid", 403), ("openid ragchat:admin", 200)):
        headers = {"Authorization": f"Bearer {token(signer, scope=scope)}"}
        assert httpx.get(f"{base}/v1/gaps", headers=headers).status_code == status


def test_tokens_that_are_not_good_are_refused(base: str, signer: rsa.RSAPrivateKey) -> None:
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    past = datetime.now(UTC) - timedelta(minutes=5)
    wrong = {
        "foreign key": token(stranger),
        "unknown key": token(stranger, kid="k2"),
        "over": token(signer, exp=past),
        "no end": token(signer, exp=None),
        "no subject": token(signer, sub=None),
        "another issuer": token(signer, iss="https://other.example"),
        "another audience": token(signer, aud="else"),
        "another algorithm": token(signer, "RS512"),
        "none": jwt.encode({"iss": "https://id.example", "aud": "ragchat", "sub": "ada"}, "", "none"),
        "shared secret": token("x" * 64, "HS256"),
        "torn": token(signer)[:-5],
    }
    for kind, text in wrong.items():
        reply = httpx.get(f"{base}/healthz", headers={"Authorization": f"Bearer {text}"})
        assert reply.status_code == 401, kind
