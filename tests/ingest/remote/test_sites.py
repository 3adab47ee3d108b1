"""A web site as a source: what belongs to it, what a second run asks for, what leaves the index."""

import gzip
from pathlib import Path

import pytest

from ingest.options import IngestOptions
from ingest.remote import SiteOptions
from ingest.report import IngestReport
from ingest.run import ingest
from ragchat.corpus.local.store import LocalStore
from ragchat.errors import UpstreamFailed, UsageError
from tests.ingest.remote.conftest import Answer, Web
from tests.support.vectors import HashEmbedder


class Brought:
    """An index beside its mirrors."""

    def __init__(self, folder: Path) -> None:
        self.store = LocalStore(folder / "indexes" / "default")
        self.mirrors = folder / "mirrors"

    def run(self, address: str, *, allow_deletes: bool = False, **site: int) -> IngestReport:
        options = IngestOptions(
            mirrors=self.mirrors,
            site=SiteOptions(private=True, **site),
            allow_deletes=allow_deletes,  # type: ignore[arg-type]
        )
        return ingest([address], self.store, HashEmbedder(), options)

    def uris(self) -> set[str]:
        with self.store.open() as snapshot:
            return {document.uri for document in snapshot.documents()}


@pytest.fixture
def brought(tmp_path: Path) -> Brought:
    return Brought(tmp_path)


def linked(*paths: str) -> str:
    return "Words about pumps. " + " ".join(f'<a href="{path}">more</a>' for path in paths)


@pytest.fixture
def docs(web: Web) -> Web:
    web.page(
        "/docs/", linked("install.html", "/docs/use/", "/blog/", "https://other.example/x", "pic.png", "#top")
    )
    web.page("/docs/install.html", linked("/docs/", "install.html?utm_source=x#s"))
    web.page("/docs/use/", linked("deep.html"))
    web.page("/docs/use/deep.html", "The deepest page of all.")
    web.page("/blog/", "Not part of the documentation.")
    web.answers["/docs/pic.png"] = Answer(b"\x89PNG", headers={"Content-Type": "image/png"})
    return web


def pages(web: Web, *paths: str) -> set[str]:
    return {web.base + path for path in paths}


def test_a_site_is_what_is_linked_below_its_start(docs: Web, brought: Brought) -> None:
    report = brought.run(f"{docs.base}/docs/")
    assert report.documents["added"] == 4
    assert brought.uris() == pages(docs, "/docs/", "/docs/install.html", "/docs/use/", "/docs/use/deep.html")
    assert report.roots == (f"{docs.base}/docs/",)


def test_nothing_changed_is_asked_by_condition_and_costs_no_generation(docs: Web, brought: Brought) -> None:
    brought.run(f"{docs.base}/docs/")
    docs.asked.clear()
    report = brought.run(f"{docs.base}/docs/")
    assert (report.published, report.documents["unchanged"]) == (False, 4)
    assert {
        status for path, status in docs.asked if path.startswith("/docs/") and path != "/docs/pic.png"
    } == {304}


def test_a_changed_page_is_updated_and_one_that_is_gone_leaves(docs: Web, brought: Brought) -> None:
    brought.run(f"{docs.base}/docs/")
    docs.page("/docs/install.html", "Now about valves.")
    del docs.answers["/docs/use/deep.html"]
    report = brought.run(f"{docs.base}/docs/")
    assert (report.documents["updated"], report.documents["removed"], report.documents["unchanged"]) == (
        1,
        1,
        2,
    )
    assert f"{docs.base}/docs/use/deep.html" not in brought.uris()


def test_a_page_that_fails_stays_and_is_told(docs: Web, brought: Brought) -> None:
    brought.run(f"{docs.base}/docs/")
    docs.answers["/docs/use/"] = Answer(status=500)
    report = brought.run(f"{docs.base}/docs/")
    (failure,) = report.failures
    assert (failure.key, failure.code) == (f"{docs.base}/docs/use/", "http_500")
    assert "still served" in failure.detail
    assert len(brought.uris()) == 4


def test_a_page_that_is_linked_no_more_stays_while_it_is_there(docs: Web, brought: Brought) -> None:
    brought.run(f"{docs.base}/docs/")
    docs.page("/docs/use/", "No links here.")
    assert brought.run(f"{docs.base}/docs/").documents["removed"] == 0
    assert f"{docs.base}/docs/use/deep.html" in brought.uris()


def test_robots_txt_is_obeyed_and_its_sitemap_read(docs: Web, brought: Brought) -> None:
    rules = f"User-agent: *\nDisallow: /docs/use/\nSitemap: {docs.base}/maps.xml.gz\n"
    docs.answers["/robots.txt"] = Answer(rules.encode(), headers={"Content-Type": "text/plain"})
    locations = "".join(
        f"<url><loc>{docs.base}{path}</loc></url>" for path in ("/docs/island.html", "/blog/")
    )
    pages_map = f"<urlset>{locations}</urlset>"
    index = f"<sitemapindex><sitemap><loc>{docs.base}/pages.xml</loc></sitemap></sitemapindex>"
    docs.answers["/maps.xml.gz"] = Answer(gzip.compress(index.encode()))
    docs.answers["/pages.xml"] = Answer(pages_map.encode())
    docs.page("/docs/island.html", "Nobody links to the island.")
    brought.run(f"{docs.base}/docs/")
    assert brought.uris() == pages(docs, "/docs/", "/docs/install.html", "/docs/island.html")


def test_a_site_that_forbids_itself_is_refused_with_what_to_do(docs: Web, brought: Brought) -> None:
    docs.answers["/robots.txt"] = Answer(b"User-agent: ragchat\nDisallow: /\n")
    with pytest.raises(UsageError, match=r"robots\.txt") as raised:
        brought.run(f"{docs.base}/docs/")
    assert raised.value.code == "forbidden_by_robots"


def test_limits_hold_and_say_nothing_about_the_rest(docs: Web, brought: Brought) -> None:
    assert brought.run(f"{docs.base}/docs/", depth=0).documents["added"] == 1
    brought.run(f"{docs.base}/docs/")
    report = brought.run(f"{docs.base}/docs/", pages=2)
    assert report.documents["removed"] == 0
    assert len(brought.uris()) == 4


def test_canonical_noindex_and_nofollow_are_respected(web: Web, brought: Brought) -> None:
    web.page("/", linked("/copy.html", "/hidden.html", "/loose.html"))
    web.page("/copy.html", '<link rel="canonical" href="/real.html">A copy.')
    web.page("/real.html", "The real one.")
    web.page("/hidden.html", '<meta name="robots" content="noindex">' + linked("/found.html"))
    web.page("/loose.html", '<meta name="robots" content="nofollow">' + linked("/lost.html"))
    web.page("/found.html", "Found through a hidden page.")
    web.page("/lost.html", "Never found.")
    brought.run(f"{web.base}/")
    assert brought.uris() == pages(web, "/", "/real.html", "/loose.html", "/found.html")


def test_other_formats_go_the_way_of_files(web: Web, brought: Brought) -> None:
    web.page("/", linked("/notes", "/data.csv"))
    web.answers["/notes"] = Answer(b"# Notes\n\nPumps need oil.", headers={"Content-Type": "text/markdown"})
    web.answers["/data.csv"] = Answer(b"pump,oil\nP1,2 l\n", headers={"Content-Type": "text/csv"})
    brought.run(f"{web.base}/")
    with brought.store.open() as snapshot:
        assert {document.media_type for document in snapshot.documents()} == {
            "text/html",
            "text/markdown",
            "text/csv",
        }


def test_a_site_that_answers_nothing_any_more_is_no_empty_site(docs: Web, brought: Brought) -> None:
    brought.run(f"{docs.base}/docs/")
    docs.answers.clear()
    with pytest.raises(UpstreamFailed, match="404"):
        brought.run(f"{docs.base}/docs/")
    assert len(brought.uris()) == 4


def test_a_start_that_is_not_there_says_so(web: Web, brought: Brought) -> None:
    with pytest.raises(UpstreamFailed, match="404"):
        brought.run(f"{web.base}/nothing")


def test_names_never_leave_the_mirror(web: Web, brought: Brought) -> None:
    web.page(
        "/",
        linked("/%2e%2e/%2e%2e/evil.html", "/a/..%2f..%2fevil.html", "/x.html?q=1", "/x.html?q=2", "/X.html"),
    )
    for path in ("/%2e%2e/%2e%2e/evil.html", "/a/..%2f..%2fevil.html", "/../../evil.html", "/evil.html",
                 "/x.html?q=1", "/x.html?q=2", "/X.html", "/a/../../evil.html"):  # fmt: skip
        web.page(path, f"Content of {path}")
    brought.run(f"{web.base}/")
    written = {path.resolve() for path in brought.mirrors.parent.rglob("*.html")}
    assert written
    assert all(path.is_relative_to(brought.mirrors.resolve()) for path in written)
    assert {f"{web.base}/x.html?q=1", f"{web.base}/x.html?q=2", f"{web.base}/X.html"} <= brought.uris()
