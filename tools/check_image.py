"""Runs the Dockerfile's steps without Docker: the same files, the same installation, the same command and health check.

`make image-check`. What is copied, the settings, the health check and the command are read from the Dockerfile, so
that this cannot drift from it. It needs the package index that pip is set up for, and about a minute. Run as root it
takes on the image's user, who may write only into the volume and a folder for temporary files, as on a read-only root.
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


def user(text: str) -> int | None:
    """The image's user, where this process may become somebody else."""
    found = re.search(r"^USER (\d+):(\d+)$", text, re.MULTILINE)
    if found is None:
        raise SystemExit("the Dockerfile does not name its user by number")
    return int(found[1]) if os.geteuid() == 0 else None


def rooms(folder: Path, number: int | None) -> tuple[Path, Path]:
    """A folder of documents that the image's user may read, and one that is his: the volume, with temporary files."""
    folder.chmod(0o755)
    documents, volume = folder / "docs", folder / "volume"
    documents.mkdir()
    (documents / "note.md").write_text("# Opening hours\n\nThe shop opens at 9:30.\n", encoding="utf-8")
    (volume / "tmp").mkdir(parents=True)
    for own in (volume, volume / "tmp"):
        if number is not None:
            os.chown(own, number, number)
    return documents, volume


def run(folder: Path, binaries: Path, text: str) -> None:
    """Ingest a document, serve it, ask for its health until it is well, and ask it. Raises when something fails."""
    number = user(text)
    documents, volume = rooms(folder, number)
    environment = {"PATH": f"{binaries}:{os.environ['PATH']}", "HOME": "/", "PYTHONDONTWRITEBYTECODE": "1"}
    environment |= variables(text) | {
        "TMPDIR": str(volume / "tmp"),
        "RAGCHAT_INDEX_DIR": str(volume / "indexes"),
        "RAGCHAT_HOST": "127.0.0.1",
        "RAGCHAT_PORT": PORT,
    }

    def said(*command: str) -> str:
        done = subprocess.run(
            command, cwd="/", env=environment, user=number, group=number, extra_groups=[] if number else None,
            check=True, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        return done.stdout

    said("ragchat", "ingest", str(documents))
    with subprocess.Popen(
        ["ragchat", "serve"], cwd="/", env=environment, user=number, group=number,
        extra_groups=[] if number else None,
    ) as server:  # fmt: skip
        try:
            await_health(health_check(text), environment)
            if "9:30" not in (answer := said("ragchat", "ask", "When does the shop open?")):
                raise SystemExit(f"the answer is wrong: {answer}")
        finally:
            server.terminate()
    if server.returncode != 0:
        raise SystemExit(f"the server ended with {server.returncode} when it was told to stop")


def await_health(command: list[str], environment: dict[str, str]) -> None:
    for _ in range(300):
        if subprocess.run(command, env=environment, stderr=subprocess.DEVNULL).returncode == 0:
            return
        time.sleep(0.1)
    raise SystemExit("the health check never passed")


def main() -> None:
    text = dockerfile()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run(folder, install(folder, text), text)
    sys.stdout.write("the Dockerfile's steps install, ingest, serve, answer and stop\n")


if __name__ == "__main__":
    main()
