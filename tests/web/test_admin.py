"""/v1/admin over a real index: documents with their state, generations, reading again, feedback, usage."""

import json
from collections.abc import Iterator
from pathlib import Path

import docx
import httpx
import pytest

from ingest.options import IngestOptions
from ingest.run import ingest
from ingest.sources import ScanOptions
from ragchat.corpus.local.store import LocalStore
from ragchat.models.loading import load_embedder
from ragchat.runtime.checks import calibration
from ragchat.runtime.runtime import Runtime
from ragchat.settings import Settings
from tests.support.serving import OFFICE, PAGE, ROUTER, served

CHECKS = (calibration(),)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three documents, one file without text, one that is no PDF though it says so, and notes that stay out."""
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "router.md").write_text(ROUTER, encoding="utf-8")
    (folder / "shop.html").write_text(PAGE, encoding="utf-8")
    (folder / "office.md").write_text(OFFICE, encoding="utf-8")
    (folder / "blank.md").write_text("\n\n", encoding="utf-8")
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7\nnothing of a PDF follows")
    (folder / "notes.draft.md").write_text("The secret plan is to paint the tower.", encoding="utf-8")
    return folder


@pytest.fixture
def home(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / "indexes" / "default")


@pytest.fixture
def api(tmp_path: Path, folder: Path, home: LocalStore) -> Iterator[httpx.Client]:
    options = IngestOptions(scan=ScanOptions(exclude=("*.draft.md",)), checks=CHECKS)
    ingest([folder], home, load_embedder("local:minilm", threads=1), options)
    settings = Settings(_env_file=None, index_dir=tmp_path / "indexes")
    with served(Runtime(settings)) as base, httpx.Client(base_url=base, timeout=60) as client:
        yield client


def lines(api: httpx.Client, **body: object) -> list[dict[str, object]]:
    with api.stream("POST", "/v1/admin/ingest", json=body) as reply:
        assert reply.status_code == 200, reply.read()
        return [json.loads(line) for line in reply.iter_lines()]


def test_documents_say_how_they_are_and_why(api: httpx.Client) -> None:
    reply = api.get("/v1/admin/documents").json()
    states = {one["key"]: one["state"] for one in reply["documents"]}
    assert states == {
        "blank.md": "empty",
        "broken.pdf": "failed",
        "office.md": "indexed",
        "router.md": "indexed",
        "shop.html": "indexed",
    }
    by_key = {one["key"]: one for one in reply["documents"]}
    assert by_key["broken.pdf"]["id"] is None
    assert by_key["broken.pdf"]["reason"]
    assert by_key["blank.md"]["reason"]
    assert by_key["router.md"]["reason"] == ""
    assert by_key["router.md"]["title"] == "Router manual"
    assert (reply["total"], reply["failed"], reply["next"]) == (4, 1, None)


def test_pages_and_filters_of_the_list_agree_with_the_whole(api: httpx.Client) -> None:
    whole = [one["key"] for one in api.get("/v1/admin/documents").json()["documents"]]
    found: list[str] = []
    behind: dict[str, str] = {}
    while True:
        reply = api.get("/v1/admin/documents", params={"limit": 2, **behind}).json()
        found += [one["key"] for one in reply["documents"]]
        if reply["next"] is None:
            break
        behind = reply["next"]
    assert found == whole
    only = api.get("/v1/admin/documents", params={"state": "failed"}).json()["documents"]
    assert [one["key"] for one in only] == ["broken.pdf"]
    named = api.get("/v1/admin/documents", params={"q": "ROUTER man"}).json()["documents"]
    assert [one["key"] for one in named] == ["router.md"]
    assert api.get("/v1/admin/documents", params={"state": "lost"}).status_code == 422
    assert api.get("/v1/admin/documents", params={"collection": "none"}).status_code == 404


def test_a_file_that_failed_later_still_answers_with_what_it_held(api: httpx.Client, folder: Path) -> None:
    written = docx.Document()
    written.add_paragraph("The parking garage closes at eleven.")
    written.save(str(folder / "garage.docx"))
    assert lines(api, path=str(folder))[-1]["type"] == "done"
    (folder / "garage.docx").write_bytes(b"PK\x03\x04 and nothing that a reader knows")
    done = lines(api, path=str(folder))[-1]
    assert done["type"] == "done"
    one = next(
        one
        for one in api.get("/v1/admin/documents", params={"state": "failed"}).json()["documents"]
        if one["key"] == "garage.docx"
    )
    assert one["id"] is not None
    assert one["reason"]


def test_a_source_is_read_again_as_it_was_asked_for(
    api: httpx.Client, folder: Path, home: LocalStore
) -> None:
    (source,) = api.get("/v1/admin/sources").json()["sources"]
    assert (source["path"], source["exclude"], source["there"]) == (str(folder), ["*.draft.md"], True)
    (folder / "new.md").write_text("The boiler room is behind the stairs.", encoding="utf-8")
    said = lines(api, path=str(folder))
    assert {line["type"] for line in said[:-1]} == {"progress"}
    assert said[-1]["type"] == "done"
    assert said[-1]["report"]["documents"]["added"] == 1  # type: ignore[index]
    keys = [one["key"] for one in api.get("/v1/admin/documents").json()["documents"]]
    assert "new.md" in keys
    assert "notes.draft.md" not in keys  # what the command kept out, the button does not bring in
    assert api.get("/v1/search", params={"q": "boiler room"}).json()["passages"][0]["title"]


def test_what_was_never_brought_in_cannot_be_read(api: httpx.Client, folder: Path) -> None:
    reply = api.post("/v1/admin/ingest", json={"path": str(folder.parent)})
    assert (reply.status_code, reply.json()["code"]) == (404, "no_such_source")
    assert str(folder.parent) not in reply.text


def test_tags_that_came_later_are_not_taken_off(api: httpx.Client, folder: Path, home: LocalStore) -> None:
    options = IngestOptions(acl=("staff",), checks=CHECKS, scan=ScanOptions(exclude=("*.draft.md",)))
    ingest([folder / "office.md"], home, load_embedder("local:minilm", threads=1), options)
    reply = api.post("/v1/admin/ingest", json={"path": str(folder)})
    assert (reply.status_code, reply.json()["code"]) == (409, "asked_otherwise")
    assert lines(api, path=str(folder / "office.md"))[-1]["type"] == "done"
    rows = api.get("/v1/admin/documents").json()["documents"]
    assert {one["key"]: one["acl"] for one in rows if one["id"]}["office.md"] == ["staff"]


def test_a_run_that_is_refused_after_it_began_says_why_in_its_last_line(
    api: httpx.Client, folder: Path
) -> None:
    rooms = [folder / f"room{number}.md" for number in range(12)]
    for room in rooms:
        room.write_text(f"Keys of {room.stem} hang in the cabinet.", encoding="utf-8")
    assert lines(api, path=str(folder))[-1]["type"] == "done"
    for room in rooms:
        room.unlink()
    (folder / "new.md").write_text("The boiler room is behind the stairs.", encoding="utf-8")
    last = lines(api, path=str(folder))[-1]
    assert (last["type"], last["code"]) == ("error", "too_many_deletes")
    assert last["hint"]
    assert api.get("/v1/documents").json()["total"] == 16
    assert lines(api, path=str(folder), allow_deletes=True)[-1]["type"] == "done"
    assert api.get("/v1/documents").json()["total"] == 5


def test_who_leaves_ends_the_run_and_nothing_is_published(
    api: httpx.Client, folder: Path, home: LocalStore
) -> None:
    for number in range(400):
        words = " ".join(f"Box {number * 50 + line} stands in aisle {line}." for line in range(50))
        (folder / f"box{number:03}.md").write_text(words, encoding="utf-8")
    before = home.current()
    with api.stream("POST", "/v1/admin/ingest", json={"path": str(folder)}) as reply:
        next(reply.iter_lines())
    with home.run(wait=True):  # the run has let go of the index: it is over
        assert home.current() == before


def test_generations_can_be_gone_back_to_and_forth(api: httpx.Client, folder: Path) -> None:
    (folder / "router.md").write_text("# Router\n\nThe reset takes ninety seconds.", encoding="utf-8")
    assert lines(api, path=str(folder))[-1]["type"] == "done"
    reply = api.get("/v1/admin/generations").json()
    newest, older = reply["generations"][:2]
    assert newest["current"]
    assert not older["current"]
    back = api.post("/v1/admin/rollback", json={"generation": older["number"]})
    assert back.json()["current"]
    passage = api.get("/v1/search", params={"q": "reset the router"}).json()["passages"][0]
    assert "ten seconds" in passage["text"]
    assert api.post("/v1/admin/rollback", json={"generation": newest["number"]}).status_code == 200
    assert api.post("/v1/admin/rollback", json={"generation": 99}).status_code == 404
    # A page of another site can send a form without asking, but no JSON.
    sent = api.post(
        "/v1/admin/rollback",
        content=json.dumps({"generation": older["number"]}),
        headers={"Content-Type": "text/plain"},
    )
    assert sent.status_code == 422


def test_collections_tell_what_was_brought_in(api: httpx.Client, folder: Path) -> None:
    (one,) = api.get("/v1/admin/collections").json()["collections"]
    assert (one["collection"], one["documents"], one["roots"]) == ("default", 4, {str(folder): False})


def test_use_and_what_readers_said(api: httpx.Client) -> None:
    said = api.post("/v1/chat", json={"message": "How do I reset the router?"}).json()
    api.post("/v1/chat", json={"message": "Who won the football world cup in 1998?"})
    rated = {"rating": "down", "comment": "Which button?"}
    api.post(f"/v1/messages/{said['message_id']}/feedback", json=rated)
    days = api.get("/v1/admin/usage", params={"days": 3}).json()["days"]
    assert len(days) == 3
    assert days[-1]["questions"] == 2
    assert days[-1]["answered"] == 1
    assert days[-1]["down"] == 1
    assert api.get("/v1/admin/usage", params={"days": 0}).status_code == 422
    (one,) = api.get("/v1/admin/feedback").json()["feedback"]
    assert one["question"] == "How do I reset the router?"
    assert (one["rating"], one["comment"]) == ("down", "Which button?")
    assert api.get("/v1/admin/feedback", params={"rating": "up"}).json()["feedback"] == []
    assert api.get("/v1/admin/feedback", params={"cursor": "no"}).status_code == 400


def test_the_description_has_the_routes_with_examples(api: httpx.Client) -> None:
    described = api.get("/openapi.json").json()
    paths = [path for path in described["paths"] if path.startswith("/v1/admin/")]
    assert len(paths) == 8
    assert "example" in described["components"]["schemas"]["UseReply"]
