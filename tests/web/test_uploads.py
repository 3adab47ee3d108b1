"""Documents that come over HTTP: stored before they are acknowledged, searched soon, told of file by file."""

import io
import json
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from ragchat.corpus.opening import open_stores
from ragchat.runtime.runtime import Runtime
from ragchat.settings import Settings
from ragchat.web.library import records
from ragchat.web.library.dropping import Drop, safe_name
from ragchat.web.library.records import Job, UploadedFile
from tests.support.serving import served

POND = b"# Pond\n\nThe pond is cleaned every second Friday by the gardener.\n"
LINES = b'{"id": "1", "title": "A", "text": "First."}\n{"id": "2", "title": "B", "text": "Second."}\n'
ROSES = b"# Roses\n\nRoses are cut back in March, before the first leaves.\n"


@contextmanager
def server(folder: Path, **settings: Any) -> Iterator[httpx.Client]:
    """A server over an index folder in which nothing was ingested, and its client."""
    runtime = Runtime(Settings(_env_file=None, index_dir=folder, reranker="none", **settings))
    with served(runtime) as base, httpx.Client(base_url=base, timeout=30) as client:
        yield client


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with server(tmp_path_factory.mktemp("uploads")) as opened:
        yield opened


def ended(client: httpx.Client, response: httpx.Response) -> dict[str, Any]:
    """The job once it has ended."""
    assert response.status_code == 202, response.text
    assert response.headers["location"] == f"/v1/jobs/{response.json()['id']}"
    while True:
        job: dict[str, Any] = client.get(response.headers["location"]).json()
        if job["state"] in ("done", "failed"):
            return job
        time.sleep(0.05)


def upload(client: httpx.Client, name: str, content: bytes, **query: str) -> dict[str, Any]:
    return ended(client, client.post("/v1/documents", files={"file": (name, content)}, params=query))


def response_to(client: httpx.Client, question: str, **more: str) -> str:
    reply: str = client.post("/v1/chat", json={"message": question, **more}).json()["response"]
    return reply


def test_an_uploaded_file_is_answered_from_while_the_server_runs(client: httpx.Client) -> None:
    job = upload(client, "pond.md", POND)
    (file,) = job["files"]
    assert (job["state"], file["status"], file["documents"], file["reason"]) == ("done", "added", 1, "")
    assert "every second Friday" in response_to(client, "How often is the pond cleaned?")
    document = client.get(f"/v1/documents/{file['document_id']}").json()
    assert (document["key"], document["title"], document["added_generation"]) == (
        "pond.md",
        "Pond",
        job["generation"],
    )
    assert client.get(f"/v1/documents/{file['document_id']}/file").content == POND


def test_a_file_may_be_the_body_and_several_may_be_a_form(client: httpx.Client) -> None:
    for options in (
        {"params": {"name": "a.md"}},
        {"headers": {"Content-Disposition": "attachment; filename*=UTF-8''caf%C3%A9.md"}},
        {"headers": {"X-Filename": "c.md"}},
    ):
        content = f"# Note\n\nThe note {options} is kept in the drawer.".encode()
        job = ended(client, client.post("/v1/documents", content=content, **options))  # type: ignore[arg-type]
        assert [file["status"] for file in job["files"]] == ["added"]
    keys = {document["key"] for document in client.get("/v1/documents").json()["documents"]}
    assert {"a.md", "café.md", "c.md"} <= keys
    form = [("files", ("x.txt", b"The x stands here.")), ("files", ("y.txt", b"The y stands there."))]
    job = ended(client, client.post("/documents", files=form))  # the address of older clients
    assert [(file["name"], file["status"]) for file in job["files"]] == [
        ("x.txt", "added"),
        ("y.txt", "added"),
    ]


def test_the_same_name_is_a_new_version_and_the_same_bytes_are_a_duplicate(client: httpx.Client) -> None:
    assert (
        upload(client, "rules.md", b"# Rules\n\nThe gate closes at eight.")["files"][0]["status"] == "added"
    )
    assert (
        upload(client, "rules.md", b"# Rules\n\nThe gate closes at nine.")["files"][0]["status"] == "updated"
    )
    assert (
        upload(client, "rules.md", b"# Rules\n\nThe gate closes at nine.")["files"][0]["status"]
        == "unchanged"
    )
    (copy,) = upload(client, "copy.md", b"# Rules\n\nThe gate closes at nine.")["files"]
    assert (copy["status"], copy["reason"]) == ("duplicate", "the same as rules.md")
    assert "nine" in response_to(client, "When does the gate close?")


def test_each_file_says_how_it_ended_and_why(client: httpx.Client) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as members:
        members.writestr("one.md", "# One\n\nThe first member of the archive.")
        members.writestr("two.md", "# Two\n\nThe second member of the archive.")
    files = [
        ("file", ("good.md", b"# Good\n\nThis one can be read.")),
        ("file", ("broken.pdf", b"%PDF-1.7 but nothing else")),
        ("file", ("nothing.txt", b"   \n")),
        ("file", ("tune.mp3", b"ID3\x03\x00")),
        ("file", ("lines.jsonl", LINES)),
        ("file", ("pack.zip", archive.getvalue())),
    ]  # fmt: skip
    job = ended(client, client.post("/v1/documents", files=files))
    told = {file["name"]: file for file in job["files"]}
    assert job["state"] == "done"
    assert {name: file["status"] for name, file in told.items()} == {
        "good.md": "added", "broken.pdf": "failed", "nothing.txt": "empty", "tune.mp3": "skipped",
        "lines.jsonl": "added", "pack.zip": "added",
    }  # fmt: skip
    assert told["broken.pdf"]["reason"]
    assert told["tune.mp3"]["reason"] == "audio or video"
    assert (told["lines.jsonl"]["documents"], told["pack.zip"]["documents"]) == (2, 2)
    assert str(Path.home()) not in json.dumps(job)
    assert "/.uploads" not in json.dumps(job)


def test_an_upload_of_nothing_that_can_be_read_ends_without_an_index(tmp_path: Path) -> None:
    with server(tmp_path) as client:
        job = upload(client, "tune.mp3", b"ID3\x03\x00")
        assert (job["state"], job["generation"]) == ("done", None)
        assert [(file["status"], file["reason"]) for file in job["files"]] == [("skipped", "audio or video")]
        assert upload(client, "tune.mp3", b"ID3\x03\x00", collection="music")["state"] == "done"
        assert client.get("/v1/models").json()["data"] == []
        missing = client.get("/v1/documents", params={"collection": "music"})
        assert (missing.status_code, missing.json()["code"]) == (404, "no_such_collection")
        upload(client, "pond.md", POND, collection="music")
        assert client.get("/v1/documents", params={"collection": "music"}).json()["total"] == 1


def test_a_removed_document_is_gone_and_stays_gone(client: httpx.Client) -> None:
    (file,) = upload(client, "roses.md", ROSES)["files"]
    assert "March" in response_to(client, "When are roses cut back?")
    gone = client.delete(f"/v1/documents/{file['document_id']}")
    assert (gone.status_code, gone.json()["removed"]) == (200, [file["document_id"]])
    assert "March" not in response_to(client, "When are roses cut back?")
    upload(client, "other.md", b"# Other\n\nSomething else altogether.")
    assert client.get(f"/v1/documents/{file['document_id']}").status_code == 404
    assert client.delete(f"/v1/documents/{file['document_id']}").status_code == 404


def test_a_purged_document_leaves_no_byte_behind(tmp_path: Path) -> None:
    with server(tmp_path) as client:
        upload(client, "roses.md", ROSES)
        (file,) = upload(client, "pond.md", POND)["files"]
        assert client.delete(f"/v1/documents/{file['document_id']}?purge=true").status_code == 200
        found = [
            path for path in tmp_path.rglob("*") if path.is_file() and b"second Friday" in path.read_bytes()
        ]
        assert found == []


def test_parts_of_an_uploaded_file_go_with_it_and_not_alone(client: httpx.Client) -> None:
    upload(client, "tickets.jsonl", LINES.replace(b"First", b"The lamp hums"))
    documents = client.get("/v1/documents", params={"limit": 500}).json()["documents"]
    part = next(one for one in documents if one["key"].startswith("tickets.jsonl#"))
    response = client.delete(f"/v1/documents/{part['id']}")
    assert (response.status_code, response.json()["code"]) == (400, "part_of_file")
    whole = client.delete(f"/v1/documents/{part['id']}?whole_file=true")
    assert (whole.status_code, len(whole.json()["removed"])) == (200, 2)
    after = client.get("/v1/documents", params={"limit": 500}).json()["documents"]
    assert not [one for one in after if one["key"].startswith("tickets.jsonl")]


def test_uploads_go_into_the_collection_that_is_named(client: httpx.Client) -> None:
    job = upload(client, "pond.md", POND, collection="gardens")
    assert (job["collection"], job["files"][0]["status"]) == ("gardens", "added")
    assert client.get("/v1/documents", params={"collection": "gardens"}).json()["total"] == 1
    assert "gardens" in [model["id"] for model in client.get("/v1/models").json()["data"]]


def test_tags_are_kept_with_the_documents(client: httpx.Client, tmp_path: Path) -> None:
    with server(tmp_path) as other:
        upload(other, "open.md", ROSES)
        upload(other, "secret.md", POND, acl="hr")
        upload(other, "open2.md", b"# Bees\n\nBees sleep in winter.")
        with open_stores(tmp_path, keep=2).store("default").open() as snapshot:
            tags = {document.key: document.acl for document in snapshot.documents()}
    assert tags == {"open.md": (), "secret.md": ("hr",), "open2.md": ()}


def test_an_ingest_of_a_folder_leaves_uploads_alone(tmp_path: Path) -> None:
    with server(tmp_path / "indexes") as client:
        upload(client, "pond.md", POND)
        runtime = Runtime(Settings(_env_file=None, index_dir=tmp_path / "indexes"))
        folder = tmp_path / "docs"
        folder.mkdir()
        (folder / "roses.md").write_bytes(ROSES)
        runtime.bring_in("default", folder, (), lambda: False)
        with open_stores(tmp_path / "indexes", keep=2).store("default").open() as snapshot:
            assert {document.key for document in snapshot.documents()} == {"pond.md", "roses.md"}


def test_an_upload_waits_for_whoever_writes_the_collection(tmp_path: Path) -> None:
    with server(tmp_path) as client:
        upload(client, "roses.md", ROSES)
        with open_stores(tmp_path, keep=2).store("default").run():
            response = client.post("/v1/documents", files={"file": ("pond.md", POND)})
            removal = client.delete(
                "/v1/documents/" + client.get("/v1/documents").json()["documents"][0]["id"]
            )
            assert (removal.status_code, removal.json()["code"]) == (409, "writer_busy")
            time.sleep(0.5)
            assert client.get(response.headers["location"]).json()["state"] in ("queued", "running")
        assert ended(client, response)["files"][0]["status"] == "added"


def test_what_was_acknowledged_goes_on_after_a_restart(tmp_path: Path) -> None:
    drop = Drop.of(tmp_path, "default")
    drop.root(()).mkdir(parents=True)
    (drop.root(()) / "pond.md").write_bytes(POND)
    cut = Job("j1", "default", "", (), (UploadedFile("pond.md", len(POND)),), state="running")
    records.write(drop.jobs, cut)
    with server(tmp_path) as client:
        while (job := client.get("/v1/jobs/j1").json())["state"] != "done":
            time.sleep(0.05)
        assert job["files"][0]["status"] == "added"
        assert "every second Friday" in response_to(client, "How often is the pond cleaned?")


def test_what_is_wrong_with_an_upload_is_said(client: httpx.Client, tmp_path: Path) -> None:
    def problem(response: httpx.Response) -> tuple[int, str]:
        return response.status_code, response.json()["code"]

    assert problem(client.post("/v1/documents", content=b"words")) == (400, "bad_file_name")
    assert problem(client.post("/v1/documents", content=b"")) == (400, "no_file")
    assert problem(client.post("/v1/documents", files={"zebra": ("a.md", b"words")})) == (
        422,
        "invalid_request",
    )
    assert problem(client.post("/v1/documents", data={"file": "words"}, files={"file": ("a.md", b"w")})) == (
        422, "invalid_request",
    )  # fmt: skip
    form = {"content-type": "multipart/form-data; boundary=x"}
    assert client.post("/v1/documents", content=b"--x\r\nno form", headers=form).status_code == 400
    assert client.post("/v1/documents?collection=../x", content=b"w").status_code == 422
    assert problem(client.get("/v1/jobs/none")) == (404, "no_such_job")
    assert client.get("/v1/jobs/..%2f..%2fx").status_code in (404, 422)
    with server(tmp_path / "small", upload_limit=1000) as small:
        assert problem(small.post("/v1/documents", files={"file": ("a.md", b"x" * 2000)})) == (
            413,
            "too_large",
        )
        assert problem(small.post("/v1/documents?name=a.md", content=iter([b"x" * 600] * 4))) == (
            413,
            "too_large",
        )
        assert list((tmp_path / "small" / ".uploads").rglob("*.md")) == []
    with server(tmp_path / "closed", upload_limit=0) as closed:
        assert problem(closed.post("/v1/documents?name=a.md", content=b"")) == (403, "forbidden")


def test_a_page_of_another_site_may_not_send_files(client: httpx.Client) -> None:
    for origin, status in (
        ("https://evil.example", 403),
        ("null", 403),
        (str(client.base_url).rstrip("/"), 202),
    ):
        response = client.post("/v1/documents", files={"file": ("page.md", POND)}, headers={"Origin": origin})
        assert response.status_code == status


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("../../etc/passwd", "passwd"), ("C:\\docs\\Plan.docx", "Plan.docx"), (".ragchatignore", "ragchatignore"),
        ("a\x00b\n.md", "a_b_.md"), ("ü" * 300 + ".pdf", "ü" * 88 + ".pdf"), ("*?[x].md", "___x_.md"),
        ("~$lock.docx", "_lock.docx"), ("Ein Plan (2).pdf", "Ein Plan (2).pdf"), ("a/b/", "b"),
        ("名前.txt", "名前.txt"),
        ("#x.md", "_x.md"), ("notes#/inner.md", "inner.md"),
    ],
)  # fmt: skip
def test_a_name_is_made_harmless(given: str, name: str) -> None:
    assert safe_name(given) == name
