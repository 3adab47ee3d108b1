"""Writes `constraints.txt`: the exact versions that the project was tested with, names and versions only.

Run by `make constraints` after a dependency changed. It asks pip for a fresh resolution of the project with its
development tools and records no address, so that the file serves with every package index.
"""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HEADER = "# Exact versions that ragchat was tested with; written by `make constraints`.\n"


def resolve() -> list[tuple[str, str]]:
    """Names (normalised as PEP 503 says) and versions of everything that an installation brings, sorted."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        options = ["--dry-run", "--ignore-installed", "--quiet", "--report", str(report)]
        subprocess.run([sys.executable, "-m", "pip", "install", *options, ".[dev]"], cwd=ROOT, check=True)
        installs = json.loads(report.read_text(encoding="utf-8"))["install"]
    found = ((item["metadata"]["name"], item["metadata"]["version"]) for item in installs)
    return sorted((re.sub(r"[-_.]+", "-", name).lower(), version) for name, version in found)


def main() -> None:
    pins = [f"{name}=={version}\n" for name, version in resolve() if name != "ragchat"]
    (ROOT / "constraints.txt").write_text(HEADER + "".join(pins), encoding="utf-8")


if __name__ == "__main__":
    main()
