"""Every face goes by who asks: collections that they may not read and documents that they may not see do not exist."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Receive, Scope, Send

from ragchat.access.store import KeyStore
from ragchat.runtime.runtime import Runtime
from ragchat.settings import Settings
from ragchat.web.app import create_app

OPEN = "# Handbook\n\nThe canteen opens at noon.\n"
SECRET = "# Salaries\n\nThe salary of the director is 9,000 per month.\n"
GARDEN = "# Pond\n\nThe pond is cleaned every second Friday.\n"
QUESTION = "What is the salary of the director?"
CALLERS: dict[str, dict[str, frozenset[str]]] = {
    "anyone": {},
    "staff": {"tags": frozenset()},
    "hr": {"tags": frozenset({"hr"})},
    "other": {},
    "gardener": {"collections": frozenset({"garden"})},
}


class Known:
    """Puts the key of the caller that `X-Caller` names into the request."""

    def __init__(self, app: ASGIApp, keys: dict[str, str]) -> None:
        self._app = app
        self._keys = keys

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            headers = MutableHeaders(scope=scope)
            headers["Authorization"] = f"Bearer {self._keys[headers.get('x-caller', 'anyone')]}"
        await self._app(scope, receive, send)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("principals")
    runtime = Runtime(Settings(_env_file=None, index_dir=folder / "indexes", reranker="none"))
    for name, collection, text, acl in (
        ("open", "default", OPEN, ()),
        ("secret", "default", SECRET, ("hr",)),
        ("garden", "garden", GARDEN, ()),
    ):
        (folder / name).mkdir()
        (folder / name / f"{name}.md").write_text(text, "utf-8")
        runtime.bring_in(collection, folder / name, acl, lambda: False)
    return folder / "indexes"


@pytest.fixture
async def client(index: Path) -> AsyncIterator[httpx.AsyncClient]:
    settings = Settings(_env_file=None, index_dir=index, reranker="none")
    store = KeyStore(settings.keys_url)
    scopes = frozenset({"chat", "ingest"})
    keys = {name: store.create(name=name, scopes=scopes, **bounds)[1] for name, bounds in CALLERS.items()}
    app = create_app(Runtime(settings))
    app.add_middleware(Known, keys=keys)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://localhost", timeout=60
        ) as opened,
    ):
        yield opened


async def everything(client: httpx.AsyncClient, caller: str) -> str:
    """All that the caller can be told, in one text."""
    headers = {"x-caller": caller}
    message = {"message": QUESTION}
    completion = {"model": "default", "messages": [{"role": "user", "content": QUESTION}]}
    told = [
        await client.post("/v1/chat", json=message, headers=headers),
        await client.post("/v1/chat/stream", json=message, headers=headers),
        await client.post("/v1/chat/stream?protocol=ai-sdk", json=message, headers=headers),
        await client.post("/stream", json=message, headers=headers),
        await client.post("/v1/chat/completions", json=completion, headers=headers),
        await client.post("/v1/responses", json={"model": "default", "input": QUESTION}, headers=headers),
        await client.get("/v1/search", params={"q": QUESTION}, headers=headers),
        await client.get("/v1/documents", headers=headers),
        await client.get("/v1/suggestions", headers=headers),
    ]
    assert {response.status_code for response in told} == {200}
    return "\n".join(response.text for response in told)


@pytest.mark.parametrize(("caller", "sees"), [("anyone", True), ("hr", True), ("staff", False)])
async def test_a_document_with_tags_is_only_there_for_who_has_one(
    client: httpx.AsyncClient, caller: str, sees: bool
) -> None:
    told = await everything(client, caller)
    assert ("9,000" in told) is sees
    assert ("Salaries" in told) is sees
    total = (await client.get("/v1/documents", headers={"x-caller": caller})).json()["total"]
    assert total == (2 if sees else 1)


async def test_a_document_that_is_not_to_be_seen_is_not_found(client: httpx.AsyncClient) -> None:
    documents = (await client.get("/v1/documents")).json()["documents"]
    secret = next(one["id"] for one in documents if one["title"] == "Salaries")
    for path in ("", "/text", "/blocks", "/file"):
        assert (await client.get(f"/v1/documents/{secret}{path}")).status_code == 200
        hidden = await client.get(f"/v1/documents/{secret}{path}", headers={"x-caller": "staff"})
        assert (hidden.status_code, hidden.json()["code"]) == (404, "no_such_document")
    removal = await client.delete(f"/v1/documents/{secret}", headers={"x-caller": "staff"})
    assert removal.status_code == 404


@pytest.mark.parametrize("collection", ["default", "garden", "nowhere", None])
async def test_a_collection_that_is_not_to_be_read_is_like_one_that_does_not_exist(
    client: httpx.AsyncClient, collection: str | None
) -> None:
    headers = {"x-caller": "gardener"}
    named = {"collection": collection} if collection else {}
    answers = [
        await client.post(
            "/v1/chat", json={"message": "How often is the pond cleaned?", **named}, headers=headers
        ),
        await client.post("/v1/chat/stream", json={"message": "Pond?", **named}, headers=headers),
        await client.get("/v1/search", params={"q": "pond", **named}, headers=headers),
        await client.get("/v1/documents", params=named, headers=headers),
        await client.get("/v1/suggestions", params=named, headers=headers),
    ]
    if collection == "garden":
        assert {answer.status_code for answer in answers} == {200}
        return
    assert {answer.status_code for answer in answers} == {404}
    said = {(answer.json()["code"], answer.json()["detail"]) for answer in answers}
    assert said == {("no_such_collection", "There is no such collection.")}


async def test_models_are_the_collections_that_may_be_read(client: httpx.AsyncClient) -> None:
    async def models(caller: str) -> list[str]:
        listed = await client.get("/v1/models", headers={"x-caller": caller})
        return [model["id"] for model in listed.json()["data"]]

    assert await models("anyone") == ["default", "garden"]
    assert await models("gardener") == ["garden"]
    hidden = await client.get("/v1/models/default", headers={"x-caller": "gardener"})
    unknown = await client.get("/v1/models/nowhere", headers={"x-caller": "gardener"})
    assert (hidden.status_code, hidden.text) == (404, unknown.text)


async def test_uploads_take_the_tags_of_who_brings_them_and_no_others(client: httpx.AsyncClient) -> None:
    async def bring(caller: str, **query: str) -> httpx.Response:
        return await client.post(
            "/v1/documents",
            params={"name": "a.md", **query},
            content=b"# A\n\nA.",
            headers={"x-caller": caller},
        )

    refused = await bring("hr", acl="board")
    assert (refused.status_code, refused.json()["code"]) == (400, "foreign_tag")
    hidden = await bring("gardener")
    assert (hidden.status_code, hidden.json()["code"]) == (404, "no_such_collection")
    assert (await bring("hr")).status_code == 202


async def test_a_job_is_told_of_only_to_whose_it_is(client: httpx.AsyncClient) -> None:
    content = b"# B\n\nB is for bees."
    brought = await client.post("/v1/documents?name=b.md", content=content, headers={"x-caller": "hr"})
    where = brought.headers["location"]
    assert (await client.get(where, headers={"x-caller": "hr"})).status_code == 200
    assert (await client.get(where, headers={"x-caller": "other"})).status_code == 404
