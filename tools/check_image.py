"""Runs the Dockerfile's steps without Docker: the same files, the same installation, the same command and health check.

`make image-check`. What is copied, the settings, the health check and the command are read from the Dockerfile, so
that this cannot drift from it. It needs the package index that pip is set up for, and about a minute.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PORT = "8976"


def dockerfile() -> str:
    """The Dockerfile with continued lines joined."""
    return (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")


def copied_files(text: str) -> list[str]:
    """What the build stage copies from the context."""
    lines = re.findall(r"^COPY (?!--from)(.+)$", text, re.MULTILINE)
    return [source for line in lines for source in line.split()[:-1]]


def variables(text: str) -> dict[str, str]:
    """RAGCHAT_ settings of the image."""
    return dict(re.findall(r"(RAGCHAT_\w+)=(\S+)", text))


def health_check(text: str) -> list[str]:
    """The health check's command as a list."""
    found = re.search(r"HEALTHCHECK.*?CMD (\[.*\])", text)
    if found is None:
        raise SystemExit("the Dockerfile has no HEALTHCHECK in exec form")
    command: list[str] = json.loads(found[1])
    return command


def install(folder: Path, text: str) -> Path:
    """Context and virtual environment as the build stage makes them; the environment's bin folder."""
    context = folder / "src"
    context.mkdir()
    for name in copied_files(text):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, context / name)
    subprocess.run([sys.executable, "-m", "venv", str(folder / "venv")], check=True)
    pip = [str(folder / "venv/bin/pip"), "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--constraint", "constraints.txt", "."], cwd=context, check=True)
    return folder / "venv/bin"


def run(folder: Path, binaries: Path, text: str) -> None:
    """Ingest a document, serve it, and ask for its health until it is well. Raises when something fails."""
    data = folder / "data"
    data.mkdir()
    (data / "note.md").write_text("# Opening hours\n\nThe shop opens at 9:30.\n", encoding="utf-8")
    settings = variables(text) | {
        "RAGCHAT_INDEX_DIR": str(data / "indexes"),
        "RAGCHAT_HOST": "127.0.0.1",
        "RAGCHAT_PORT": PORT,
    }
    environment = {"PATH": f"{binaries}:{os.environ['PATH']}", "HOME": str(folder)} | settings
    subprocess.run(["ragchat", "ingest", "note.md"], cwd=data, env=environment, check=True)
    with subprocess.Popen(["ragchat", "serve"], cwd=data, env=environment) as server:
        try:
            for _ in range(100):
                if (
                    subprocess.run(health_check(text), env=environment, stderr=subprocess.DEVNULL).returncode
                    == 0
                ):
                    break
                time.sleep(0.1)
            else:
                raise SystemExit("the health check never passed")
            answer = subprocess.run(
                ["ragchat", "ask", "When does the shop open?"], cwd=data, env=environment, check=True,
                capture_output=True, text=True,
            )  # fmt: skip
            if "9:30" not in answer.stdout:
                raise SystemExit(f"the answer is wrong: {answer.stdout}")
        finally:
            server.terminate()
    if server.returncode not in (0, -15):
        raise SystemExit(f"the server ended with {server.returncode} when it was told to stop")


def main() -> None:
    text = dockerfile()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run(folder, install(folder, text), text)
    sys.stdout.write("the Dockerfile's steps install, ingest, serve, answer and stop\n")


if __name__ == "__main__":
    main()
