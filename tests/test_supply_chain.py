"""What is shipped and with whose software: licences, the bill of materials, known holes, the version of a release."""

import json
import re
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import httpx
import pytest

from tests.conftest import REPOSITORY
from tools.audit import known, pins
from tools.installed import bill_of_materials, notice_list, packages
from tools.release import released

PERMISSIVE = re.compile(
    r"MIT|MIT-0|MIT-CMU|0BSD|BSD|BSD-[23]-Clause|Apache-2\.0|ISC|PSF-2\.0|Unlicense|Zlib|CC0-1\.0|MPL-2\.0|CNRI-Python"
    r"|Python-2\.0|dependency licenses"
)
"""MPL-2.0 asks for changes of its own files only."""


def test_every_library_has_a_licence_that_lets_anybody_use_it() -> None:
    brought = packages()
    assert len(brought) > 40
    foreign = {
        one.name: one.licence
        for one in brought
        if not all(
            PERMISSIVE.fullmatch(part) for part in re.split(r" AND | OR |, |[()]", one.licence) if part
        )
    }
    assert foreign == {}


def test_the_notice_names_every_library_of_an_installation() -> None:
    notice = (REPOSITORY / "NOTICE").read_text("utf-8")
    missing = [line.strip() for line in notice_list().splitlines() if line not in notice.splitlines()]
    assert missing == [], "run `make licences`"


def test_the_bill_of_materials_names_each_package_once_with_its_licence() -> None:
    bill = json.loads(json.dumps(bill_of_materials()))
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    names = [one["name"] for one in bill["components"]]
    assert len(names) == len(set(names))
    assert {"fastapi", "tantivy", "faiss-cpu", "onnxruntime"} <= set(names)
    assert not {"pytest", "ruff", "mypy"} & set(names)
    assert all(one["purl"] == f"pkg:pypi/{one['name']}@{one['version']}" for one in bill["components"])
    assert all(one["licenses"] for one in bill["components"])


class Advisories(BaseHTTPRequestHandler):
    """Speaks the part of OSV's protocol that is asked: every package of version 1.0 has a hole."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))["queries"]
        results = [{"vulns": [{"id": "PYSEC-1"}]} if one["version"] == "1.0" else {} for one in asked]
        body = json.dumps({"results": results}).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def test_an_audit_tells_the_packages_with_known_holes() -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Advisories) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        asked = pins("# made by a tool\nold==1.0\nnew==2.0\n")
        assert known(asked, f"http://127.0.0.1:{server.server_port}") == {"old 1.0": ["PYSEC-1"]}
        server.shutdown()


def test_an_audit_that_reaches_nobody_is_no_audit() -> None:
    with pytest.raises(httpx.HTTPError):
        known([("old", "1.0")], "http://127.0.0.1:9")


LOG = "# Changelog\n\n## 0.3.0 — unreleased\n\n- New.\n\n## 0.2.0 — 2026-01-05\n\n- Old.\n"


def test_a_release_gets_its_version_and_day() -> None:
    text = released(LOG, "0.3.1", "2026-02-01")
    assert text == LOG.replace("## 0.3.0 — unreleased", "## 0.3.1 — 2026-02-01")


@pytest.mark.parametrize(
    ("log", "version", "said"),
    [
        (LOG, "0.2.0", "not newer"),
        (LOG, "next", "no version"),
        (LOG.replace("unreleased", "2026-02-01"), "0.4.0", "nothing to release"),
    ],
)
def test_a_release_that_makes_no_sense_is_refused(log: str, version: str, said: str) -> None:
    with pytest.raises(SystemExit, match=said):
        released(log, version, "2026-02-01")


def test_the_changelog_of_the_project_can_be_released() -> None:
    assert "— 2030-01-01" in released(
        (REPOSITORY / "CHANGELOG.md").read_text("utf-8"), "99.0.0", "2030-01-01"
    )
