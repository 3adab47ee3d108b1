"""Known vulnerabilities of the versions in constraints.txt, asked of OSV (osv.dev, which holds PyPI's advisories too).

`make audit`; opt-in, since it needs the internet and says something else every day. It tells what it could not reach:
an audit that did not happen is no audit that found nothing. Exit codes: 0 none known, 1 some, 2 nothing was asked.
"""

import os
import sys
from pathlib import Path
from typing import Final

import httpx

ROOT: Final = Path(__file__).resolve().parents[1]
SERVICE: Final = "https://api.osv.dev"
"""Another one that speaks its protocol: OSV_URL."""


def pins(text: str) -> list[tuple[str, str]]:
    """Names and versions of a constraints file."""
    found = []
    for line in text.splitlines():
        name, pinned, version = line.strip().partition("==")
        if pinned and not name.startswith("#"):
            found.append((name, version))
    return found


def known(asked: list[tuple[str, str]], service: str) -> dict[str, list[str]]:
    """Advisories by "name version". Raises httpx.HTTPError where the service cannot be asked."""
    queries = [
        {"package": {"ecosystem": "PyPI", "name": name}, "version": version} for name, version in asked
    ]
    answer = httpx.post(f"{service}/v1/querybatch", json={"queries": queries}, timeout=30)
    answer.raise_for_status()
    found: dict[str, list[str]] = {}
    for (name, version), result in zip(asked, answer.json()["results"], strict=True):
        if advisories := [str(one["id"]) for one in result.get("vulns", [])]:
            found[f"{name} {version}"] = advisories
    return found


def main() -> int:
    asked = pins((ROOT / "constraints.txt").read_text(encoding="utf-8"))
    service = os.environ.get("OSV_URL", SERVICE)
    try:
        found = known(asked, service)
    except (httpx.HTTPError, ValueError, KeyError) as error:
        sys.stdout.write(
            f"{service} could not be asked ({error}): none of {len(asked)} packages was checked\n"
        )
        return 2
    for package, advisories in found.items():
        sys.stdout.write(f"{package}: {', '.join(advisories)}\n")
    sys.stdout.write(f"{len(asked)} packages checked, {len(found)} with known vulnerabilities\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
