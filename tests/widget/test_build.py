"""The script in the package is the one that the sources make, small, and typed by the event schema of today."""

import gzip
import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ragchat.web.routers.pages import STATIC
from tests.conftest import REPOSITORY

WIDGET = REPOSITORY / "widget"
BUILT_OF = ("build.mjs", "package.json", "package-lock.json", "tsconfig.json")
ERASED = "src/core/events.ts"
"""Types only: nothing of it is in the script."""


def digest() -> str:
    """What `widget/build.mjs` writes down: the names and bytes of all that the script is made of."""
    sources = (path.relative_to(WIDGET).as_posix() for path in (WIDGET / "src").rglob("*") if path.is_file())
    total = hashlib.sha256()
    for name in sorted([*BUILT_OF, *(name for name in sources if name != ERASED)]):
        total.update(f"{name}\n".encode())
        total.update((WIDGET / name).read_bytes())
    return total.hexdigest()


def test_the_script_is_built_from_these_sources() -> None:
    written = (STATIC / "widget.sources").read_text("utf-8").strip()
    assert written == digest(), (
        "run `make widget` (needs Node): the sources changed after the script was built"
    )


def test_the_types_are_those_of_the_event_schema() -> None:
    command = [sys.executable, str(REPOSITORY / "tools" / "build_event_types.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=REPOSITORY, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_script_is_at_most_forty_kilobytes_compressed() -> None:
    assert len(gzip.compress((STATIC / "widget.js").read_bytes(), 9)) <= 40_000


@pytest.mark.parametrize("name", ["widget.js", "page.js"])
def test_the_script_makes_no_markup_of_text_and_names_no_remote_address(name: str) -> None:
    script = (STATIC / name).read_text("utf-8").replace("http://www.w3.org/2000/svg", "")
    script = script.replace("https://github.com/markedjs/marked", "")  # words of an error of marked's
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", script
    )
    assert not re.search(r"document\.cookie|<script|prefetch|preconnect", script)
    assert not re.search(r"https?://[a-z]", script)


def test_the_lock_file_holds_versions_and_hashes_and_no_addresses() -> None:
    lock = json.loads((WIDGET / "package-lock.json").read_text("utf-8"))
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert packages
    assert all("integrity" in package for package in packages.values())
    assert not any("resolved" in package for package in packages.values())
    tracked = subprocess.run(
        ["git", "ls-files", "widget"], cwd=REPOSITORY, capture_output=True, text=True, check=True
    ).stdout
    assert "node_modules" not in tracked


@pytest.mark.timeout(240)
def test_types_are_strict(widget: Path) -> None:
    done = subprocess.run(
        ["npm", "run", "--silent", "check"], cwd=widget, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.timeout(240)
def test_units_do_what_they_promise(widget: Path) -> None:
    done = subprocess.run(
        ["npm", "run", "--silent", "test"], cwd=widget, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


@pytest.mark.timeout(240)
def test_building_again_gives_the_same_script(widget: Path, tmp_path: Path) -> None:
    subprocess.run(["node", "build.mjs", str(tmp_path)], cwd=widget, capture_output=True, check=True)
    for made in (path for path in tmp_path.rglob("*") if path.is_file()):
        name = made.relative_to(tmp_path)
        assert made.read_bytes() == (STATIC / name).read_bytes(), name
