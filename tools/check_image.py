"""Runs the Dockerfile's steps without Docker: the same files, the same installation, the same command and health check.

`make image-check`. What is copied, the settings, the health check and the command are read from the Dockerfile, so
that this cannot drift from it. It needs the package index that pip is set up for, and about a minute. Run as root it
does so without capabilities on a root that is read-only but for the volume, as the image's user where he can.
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


def user(text: str) -> str:
    """The number of the image's user."""
    found = re.search(r"^USER (\d+):(\d+)$", text, re.MULTILINE)
    if found is None:
        raise SystemExit("the Dockerfile does not name its user by number")
    return found[1]


def rooms(folder: Path, number: int) -> tuple[Path, Path]:
    """A folder of documents, and the volume, which with its folder for temporary files is the image's user's."""
    folder.chmod(0o755)
    documents, volume = folder / "docs", folder / "volume"
    documents.mkdir()
    (documents / "note.md").write_text("# Opening hours\n\nThe shop opens at 9:30.\n", encoding="utf-8")
    (volume / "tmp").mkdir(parents=True)
    for own in (volume, volume / "tmp"):
        os.chown(own, number, number)
    return documents, volume


def may_be(number: str, binaries: Path) -> bool:
    """Whether this process can become the image's user, and he can reach this interpreter (no: in somebody's home)."""
    # Through a shell: setpriv itself still has root's rights when it looks for its command.
    command = ["setpriv", *_become(number), "sh", "-c", '"$0" -c ""', str(binaries / "python")]
    return os.geteuid() == 0 and subprocess.run(command, stderr=subprocess.DEVNULL).returncode == 0


def confined(volume: Path, become: list[str]) -> list[str]:
    """What runs a command as the image does: a root that is read-only but for the volume, no capability, no new
    rights."""
    script = (
        f'mount --bind "{volume}" "{volume}" && mount -o remount,bind,ro / && exec setpriv {" ".join(become)}'
        ' --no-new-privs --bounding-set=-all --inh-caps=-all "$@"'
    )
    return ["unshare", "--mount", "--propagation", "private", "sh", "-c", script, "sh"]


def _become(number: str) -> list[str]:
    return [f"--reuid={number}", f"--regid={number}", "--clear-groups"]


def run(folder: Path, binaries: Path, text: str) -> None:
    """Ingest a document, serve it, ask for its health until it is well, and ask it. Raises when something fails."""
    number = user(text)
    root = os.geteuid() == 0
    other = may_be(number, binaries)
    documents, volume = rooms(folder, int(number) if other else os.geteuid())
    prefix = confined(volume, _become(number) if other else []) if root else []
    environment = {"PATH": f"{binaries}:{os.environ['PATH']}", "HOME": "/", "PYTHONDONTWRITEBYTECODE": "1"}
    environment |= variables(text) | {
        "TMPDIR": str(volume / "tmp"),
        "RAGCHAT_INDEX_DIR": str(volume / "indexes"),
        "RAGCHAT_HOST": "127.0.0.1",
        "RAGCHAT_PORT": PORT,
    }

    def said(*command: str) -> str:
        done = subprocess.run(
            [*prefix, *command], cwd="/", env=environment, check=True, stdout=subprocess.PIPE, text=True
        )
        return done.stdout

    if root and said("sh", "-c", "touch /written 2>/dev/null && echo written; true"):
        raise SystemExit("the root could be written to: this would prove nothing")
    said("ragchat", "ingest", str(documents))
    with subprocess.Popen([*prefix, "ragchat", "serve"], cwd="/", env=environment) as server:
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
