"""Node for the tests that need it: the packages of `widget/`, installed once for all test processes."""

import fcntl
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY

WIDGET = REPOSITORY / "widget"
OLDEST = (20, 19)
"""What Vite runs on."""
SECONDS = 110
"""For npm; where it takes longer the registry is as good as away."""


def installed() -> Path:
    """`widget/` with its packages; skips where there is no Node, or npm cannot get them."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("not run: no Node here (apt install nodejs npm); the built script is tested all the same")
    if (found := _version()) < OLDEST:
        pytest.skip(
            f"not run: Node {'.'.join(map(str, found))} is too old, {'.'.join(map(str, OLDEST))} is needed"
        )
    with (WIDGET / ".npmrc").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        stamp, wanted = (
            WIDGET / "node_modules" / ".package-lock.json",
            (WIDGET / "package-lock.json").stat().st_mtime,
        )
        if not stamp.exists() or stamp.stat().st_mtime < wanted:
            _install()
    return WIDGET


def _version() -> tuple[int, ...]:
    said = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout
    return tuple(int(part) for part in said.strip().removeprefix("v").split(".")[:2])


def _install() -> None:
    command = ["npm", "ci", "--no-audit", "--no-fund", "--prefer-offline"]
    try:
        done = subprocess.run(
            command, cwd=WIDGET, capture_output=True, text=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        pytest.skip(f"not run: npm did not get the packages of widget/ within {SECONDS} s")
    if done.returncode:
        pytest.skip(f"not run: npm could not get the packages of widget/: {done.stderr.strip()[-300:]}")
