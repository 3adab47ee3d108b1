"""A file that is there and cannot be read answers for a grace, and no longer."""

import json
import os
import shutil
import subprocess
import sys

import pytest

from tests.cli.conftest import Shell

HELPLESS = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] if os.geteuid() == 0 else []
"""Root reads what nobody may read; without capabilities it is an owner like any other."""


@pytest.mark.skipif(bool(HELPLESS) and shutil.which("setpriv") is None, reason="root needs setpriv for this")
@pytest.mark.parametrize(("days", "left"), [("7", ["a.md", "b.md"]), ("0", ["b.md"])])
def test_documents_leave_when_the_grace_is_over(shell: Shell, days: str, left: list[str]) -> None:
    for name in ("a.md", "b.md"):
        shell.write(f"docs/{name}", f"# {name}\n\nWords of {name}.\n")
    assert shell.run("ingest", "docs").code == 0
    (shell.folder / "docs" / "a.md").chmod(0)
    for _ in range(2):
        done = subprocess.run(
            [*HELPLESS, sys.executable, "-m", "ragchat", "ingest", "docs"],
            cwd=shell.folder,
            env=shell.environment({"RAGCHAT_UNREADABLE_DAYS": days}),
            capture_output=True,
            text=True,
        )
        assert done.returncode == 1, done.stderr
    (shell.folder / "docs" / "a.md").chmod(0o644)
    listed = json.loads(shell.run("documents", "list", "--json").out)
    documents = listed["documents"] if isinstance(listed, dict) else listed
    assert sorted(one["key"] for one in documents) == left
    assert "a.md" in shell.run("status", "--failed").out
