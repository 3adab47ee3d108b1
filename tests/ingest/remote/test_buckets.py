"""A bucket as a source, against moto's S3 server over a socket."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest
from moto.server import ThreadedMotoServer

from ingest.options import IngestOptions
from ingest.remote.bringing import source_of
from ingest.remote.brought import SiteOptions
from ingest.remote.listed import keys_of
from ingest.report import IngestReport
from ingest.run import ingest
from ragchat.corpus.local.store import LocalStore
from ragchat.errors import UpstreamFailed, UsageError
from tests.support.vectors import HashEmbedder

SECRET = "not-to-be-seen"


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Any]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    for name, value in {
        "AWS_ENDPOINT_URL_S3": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_CONFIG_FILE": str(tmp_path / "none"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none"),
    }.items():
        monkeypatch.setenv(name, value)
    client = boto3.client("s3")
    client.create_bucket(Bucket="handbook")
    yield client
    httpx.post(f"http://{host}:{port}/moto-api/reset")  # its buckets outlive the server
    server.stop()


def put(bucket: Any, key: str, words: str) -> None:
    bucket.put_object(Bucket="handbook", Key=key, Body=words.encode())


def run(tmp_path: Path, address: str = "s3://handbook/docs/") -> IngestReport:
    store = LocalStore(tmp_path / "indexes" / "default")
    return ingest(
        [address], store, HashEmbedder(), IngestOptions(mirrors=tmp_path / "mirrors", allow_deletes=True)
    )


def documents(tmp_path: Path) -> dict[str, str]:
    with LocalStore(tmp_path / "indexes" / "default").open() as snapshot:
        return {one.key: one.uri for one in snapshot.documents()}


def test_a_bucket_is_its_documents_below_a_prefix(bucket: Any, tmp_path: Path) -> None:
    put(bucket, "docs/leave.md", "# Leave\n\nThirty days.\n")
    put(bucket, "docs/pay/scale.md", "# Pay\n\nBy grade.\n")
    put(bucket, "docs/film.mp4", "no document")
    put(bucket, "other/secret.md", "# Secret\n\nNot below the prefix.\n")
    report = run(tmp_path)
    assert documents(tmp_path) == {
        "leave.md": "s3://handbook/docs/leave.md",
        "pay/scale.md": "s3://handbook/docs/pay/scale.md",
    }
    assert report.roots == ("s3://handbook/docs/",)


def test_only_what_changed_is_fetched_and_what_went_leaves(bucket: Any, tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        put(bucket, f"docs/{name}.md", f"# {name}\n\nWords of {name}.\n")
    run(tmp_path)
    before = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "mirrors").rglob("*.md")}
    put(bucket, "docs/b.md", "# b\n\nOther words.\n")
    bucket.delete_object(Bucket="handbook", Key="docs/c.md")
    report = run(tmp_path)
    after = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "mirrors").rglob("*.md")}
    assert (report.documents["updated"], report.documents["removed"], report.documents["unchanged"]) == (
        1,
        1,
        1,
    )
    assert after.keys() == {"a.md", "b.md"}
    assert after["a.md"] == before["a.md"]


def test_more_than_a_page_of_objects_is_listed(bucket: Any, tmp_path: Path) -> None:
    for number in range(1005):
        put(bucket, f"docs/{number}.bin" if number < 1003 else f"docs/{number}.md", f"# {number}\n\nWords.\n")
    run(tmp_path)
    assert documents(tmp_path).keys() == {"1003.md", "1004.md"}


def test_keys_that_are_no_paths_stay_inside_and_apart() -> None:
    names = ["../out.md", "a//b.md", ".git/config.md", "x.md/y.md", "x.md", "x" * 300 + ".md", "fine/one.md"]
    keys = keys_of(names)
    assert keys["fine/one.md"] == "fine/one.md"
    assert len(set(keys.values())) == len(names)
    assert all(not part.startswith(".") and part for key in keys.values() for part in key.split("/"))
    assert keys["x.md"] != "x.md"


def test_a_bucket_that_is_not_there_changes_nothing(bucket: Any, tmp_path: Path) -> None:
    put(bucket, "docs/a.md", "# A\n\nWords.\n")
    run(tmp_path)
    with pytest.raises(UsageError, match="no bucket nowhere"):
        run(tmp_path, "s3://nowhere/")
    assert documents(tmp_path).keys() == {"a.md"}


def test_a_server_that_is_down_is_told_without_credentials(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, bucket: Any
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")
    with pytest.raises(UpstreamFailed) as caught:
        run(tmp_path)
    assert SECRET not in f"{caught.value} {caught.value.hint}"


def test_credentials_in_an_address_are_refused_and_not_repeated() -> None:
    with pytest.raises(UsageError) as caught:
        source_of(f"s3://key:{SECRET}@handbook/docs", SiteOptions())
    assert SECRET not in f"{caught.value} {caught.value.hint}"
