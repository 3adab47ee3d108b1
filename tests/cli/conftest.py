"""Running the real command in a process of its own, as a user does."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    def json(self) -> dict[str, object]:
        value = json.loads(self.out)
        assert isinstance(value, dict)
        return value


@dataclass(frozen=True, slots=True)
class Shell:
    """A folder to work in, with no settings around."""

    folder: Path

    def run(self, *arguments: str, stdin: str = "", **variables: str) -> Done:
        done = subprocess.run(
            [sys.executable, "-m", "ragchat", *arguments],
            cwd=self.folder,
            env=self.environment(variables),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=110,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    def environment(self, variables: dict[str, str]) -> dict[str, str]:
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("RAGCHAT_", "OPENAI_"))
        }
        return kept | {"COLUMNS": "120", "PYTHONWARNINGS": "default"} | variables

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


@pytest.fixture
def docs(shell: Shell) -> Shell:
    """A small folder of documents below `docs/`."""
    shell.write(
        "docs/leave.md",
        "# Leave policy\n\n## Vacation\n\nEvery employee has 28 vacation days a year. "
        "Unused days expire on 31 March of the next year.\n\n## Sick leave\n\n"
        "Call your manager before 9:30 on the first day of sickness.\n",
    )
    shell.write(
        "docs/password.md",
        "# Passwords\n\nTo reset your password, open the portal, choose *Forgot password* and follow the e-mail. "
        "The link is valid for 45 minutes.\n",
    )
    shell.write("docs/prices.csv", "plan,price,users\nStarter,9 EUR,3\nTeam,49 EUR,25\n")
    return shell
