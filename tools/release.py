"""Writes the version of a release: `make release VERSION=1.2.0`.

Into `ragchat/__init__.py`, and into CHANGELOG.md, whose newest heading must be unreleased: it gets the version and the
day. Nothing is committed, tagged or sent anywhere; it says what is left to do.
"""

import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
_VERSION: Final = re.compile(r"(\d+)\.(\d+)\.(\d+)")
_HEADING: Final = re.compile(r"^## (.+) — (.+)$", re.MULTILINE)
_WRITTEN: Final = re.compile(r'^__version__ = "(.+)"$', re.MULTILINE)


def released(changelog: str, version: str, day: str) -> str:
    """The changelog with its newest part released; SystemExit where that cannot be."""
    newest = _HEADING.search(changelog)
    if newest is None or newest[2] != "unreleased":
        raise SystemExit("the newest part of CHANGELOG.md is not unreleased: there is nothing to release")
    if not _VERSION.fullmatch(version):
        raise SystemExit(f"{version!r} is no version; expected three numbers as 1.2.0")
    earlier = [heading[1] for heading in _HEADING.finditer(changelog, newest.end())]
    if any(_numbers(version) <= _numbers(before) for before in earlier):
        raise SystemExit(f"{version} is not newer than {earlier[0]}")
    return f"{changelog[: newest.start()]}## {version} — {day}{changelog[newest.end() :]}"


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version))


def main() -> None:
    if len(sys.argv) != 2:
        raise SystemExit("usage: release.py VERSION")
    version = sys.argv[1]
    changelog, package = ROOT / "CHANGELOG.md", ROOT / "ragchat" / "__init__.py"
    text = released(changelog.read_text(encoding="utf-8"), version, datetime.now(UTC).date().isoformat())
    changelog.write_text(text, encoding="utf-8")
    source = package.read_text(encoding="utf-8")
    package.write_text(_WRITTEN.sub(f'__version__ = "{version}"', source), encoding="utf-8")
    sys.stdout.write(
        f"{version} is written. Then: make check test package; commit; git tag v{version}; publish dist/*\n"
    )


if __name__ == "__main__":
    main()
