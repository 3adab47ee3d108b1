"""Builds wheel and sdist and tries them where nothing of this checkout can be reached.

`make package`. The wheel is installed into an environment of its own; the libraries that it needs are lent by the
environment that runs this (a `.pth` file lends what is installed, but no editable checkout), so that it takes seconds
and no package index. `tools/check_image.py` installs the libraries too. The sdist must build the same wheel.
"""

import os
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
import zipfile
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
TRY: Final = "When does the shop open?"


def build(source: Path, target: Path, kind: str) -> Path:
    """The one file that hatchling builds of `source`."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", kind, "--directory", str(target)]
    subprocess.run(command, cwd=source, check=True, stdout=subprocess.DEVNULL)
    (built,) = target.glob("*.whl" if kind == "wheel" else "*.tar.gz")
    return built


def contents(wheel: Path) -> dict[str, int]:
    """Names and checksums of a wheel's files, but for its list of them."""
    with zipfile.ZipFile(wheel) as archive:
        return {one.filename: one.CRC for one in archive.infolist() if not one.filename.endswith("/RECORD")}


def require_same(wheel: Path, sdist: Path, folder: Path) -> None:
    """SystemExit unless the sdist builds the wheel that the checkout does."""
    with tarfile.open(sdist) as archive:
        archive.extractall(folder / "unpacked", filter="data")
    (source,) = (folder / "unpacked").iterdir()
    again = contents(build(source, folder / "again", "wheel"))
    if again != (first := contents(wheel)):
        differing = sorted(name for name in again.keys() | first.keys() if again.get(name) != first.get(name))
        raise SystemExit(f"the sdist builds another wheel: {', '.join(differing[:5])}")


def install(wheel: Path, folder: Path) -> Path:
    """The wheel alone in a new environment, with this one's libraries behind it; its `bin`."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    python = folder / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", str(python)]
    subprocess.run([*pip, "install", "--quiet", "--no-deps", "--no-index", str(wheel)], check=True)
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    libraries = folder / "lib" / version / "site-packages" / "libraries.pth"
    libraries.write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return folder / "bin"


def try_out(binaries: Path, folder: Path) -> None:
    """Ingest a note and ask it something with the installed command. Raises when that fails."""
    (folder / "docs").mkdir()
    (folder / "docs" / "note.md").write_text("# Opening hours\n\nThe shop opens at 9:30.\n", encoding="utf-8")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("RAGCHAT_", "PYTHON"))}
    environment = kept | {"PATH": f"{binaries}:{os.environ['PATH']}"}

    def said(*command: str) -> str:
        done = subprocess.run(
            command, cwd=folder, env=environment, check=True, stdout=subprocess.PIPE, text=True
        )
        return done.stdout

    place = said("python", "-c", "import ragchat; print(ragchat.__file__)").strip()
    if not Path(place).is_relative_to(binaries.parent):
        raise SystemExit(f"this would try {place} and not what was installed")
    said("ragchat", "ingest", "docs")
    if "9:30" not in (answer := said("ragchat", "ask", TRY)):
        raise SystemExit(f"the answer is wrong: {answer}")


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        wheel, sdist = build(ROOT, folder / "wheel", "wheel"), build(ROOT, folder / "sdist", "sdist")
        require_same(wheel, sdist, folder)
        (folder / "work").mkdir()
        try_out(install(wheel, folder / "environment"), folder / "work")
        sizes = f"{wheel.stat().st_size / 2**20:.1f} and {sdist.stat().st_size / 2**20:.1f} MiB"
    sys.stdout.write(f"wheel and sdist ({sizes}) build the same, install, ingest and answer\n")


if __name__ == "__main__":
    main()
