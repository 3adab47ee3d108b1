"""What an installation of ragchat brings: each package with its version, licence and home, from its own metadata.

    installed.py                    a table of names, versions and licences        (make licences)
    installed.py --notice           writes the list in NOTICE anew                  (make licences)
    installed.py --sbom FILE        a CycloneDX 1.6 bill of materials as JSON       (make sbom)

Only what `pip install ragchat` brings, not the tools of development. Nothing is looked up anywhere.
"""

import argparse
import json
import re
import sys
from dataclasses import dataclass
from importlib.metadata import Distribution, distribution
from pathlib import Path
from typing import Final

from packaging.requirements import Requirement

ROOT: Final = Path(__file__).resolve().parents[1]
NOTICE: Final = ROOT / "NOTICE"
LIST_HEAD: Final = (
    "Libraries that an installation brings, under their own licences (written by `make licences`):\n"
)
_CLASSIFIER: Final = "License :: OSI Approved :: "
_EXPRESSION: Final = re.compile(r"[\w.+-]+(?: (?:AND|OR|WITH) [\w.+-]+)+")
_SPOKEN: Final = {
    "apache": "Apache-2.0", "bsd 3": "BSD-3-Clause", "3-clause bsd": "BSD-3-Clause", "bsd-3": "BSD-3-Clause",
    "bsd-2": "BSD-2-Clause", "bsd": "BSD", "mit": "MIT", "mpl": "MPL-2.0", "mozilla": "MPL-2.0",
    "isc": "ISC", "psf": "PSF-2.0", "python software": "PSF-2.0", "unlicense": "Unlicense", "zlib": "Zlib",
}  # fmt: skip
"""Licences as packages call them that know no SPDX, by what stands in the first line."""


@dataclass(frozen=True, slots=True)
class Package:
    """`name` as PEP 503 has it; `licence` as SPDX writes it, or as the package does."""

    name: str
    version: str
    licence: str
    home: str


def normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def packages(root: str = "ragchat") -> list[Package]:
    """The packages that `root` needs, and those that they need, sorted by name; without `root` itself."""
    found: dict[str, Package] = {}
    waiting = [(root, frozenset[str]())]
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        name, extras = waiting.pop()
        if (name, extras) in seen:
            continue
        seen.add((name, extras))
        one = distribution(name)
        found[name] = Package(name, one.version, licence_of(one), home_of(one))
        waiting += _needs(one, extras)
    found.pop(root)
    return [found[name] for name in sorted(found)]


def _needs(one: Distribution, extras: frozenset[str]) -> list[tuple[str, frozenset[str]]]:
    wanted = []
    for line in one.requires or []:
        need = Requirement(line)
        environments = [{"extra": extra} for extra in (extras or {""})]
        if need.marker is None or any(need.marker.evaluate(dict(each)) for each in environments):
            wanted.append((normalised(need.name), frozenset(need.extras)))
    return wanted


def licence_of(one: Distribution) -> str:
    """The SPDX expression if there is one, else the classifier, else the first line of the licence."""
    if expression := _fact(one, "License-Expression"):
        return expression
    classified = [
        text.removeprefix(_CLASSIFIER)
        for text in one.metadata.get_all("Classifier") or []
        if text.startswith(_CLASSIFIER)
    ]
    said = " ".join(classified) or _fact(one, "License").strip().partition("\n")[0]
    if _EXPRESSION.fullmatch(said):
        return said
    known = [spdx for words, spdx in _SPOKEN.items() if re.search(rf"\b{words}", said.lower())]
    return known[0] if known else said[:60] or "unknown"


def home_of(one: Distribution) -> str:
    """The page of the project, "" where none is told."""
    pages = [text.partition(",")[2].strip() for text in one.metadata.get_all("Project-URL") or []]
    return _fact(one, "Home-page") or next(iter(pages), "")


def _fact(one: Distribution, name: str) -> str:
    return str(one.metadata[name]) if name in one.metadata else ""


def notice_list() -> str:
    return LIST_HEAD + "".join(f"    {one.name} ({one.licence})\n" for one in packages())


def bill_of_materials() -> dict[str, object]:
    """CycloneDX 1.6 (ECMA-424): the application and the libraries that it is run with."""
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": _component("application", "ragchat", distribution("ragchat").version, "Apache-2.0")
        },
        "components": [_component("library", one.name, one.version, one.licence) for one in packages()],
    }


def _component(kind: str, name: str, version: str, licence: str) -> dict[str, object]:
    spdx = _EXPRESSION.fullmatch(licence) or re.fullmatch(r"[\w.+-]+", licence)
    return {
        "type": kind,
        "bom-ref": f"pkg:pypi/{name}@{version}",
        "name": name,
        "version": version,
        "purl": f"pkg:pypi/{name}@{version}",
        "licenses": [{"expression": licence} if spdx else {"license": {"name": licence}}],
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--notice", action="store_true")
    parser.add_argument("--sbom", type=Path)
    asked = parser.parse_args()
    if asked.sbom:
        asked.sbom.parent.mkdir(parents=True, exist_ok=True)
        asked.sbom.write_text(json.dumps(bill_of_materials(), indent=2) + "\n", encoding="utf-8")
        sys.stdout.write(f"{asked.sbom}: {len(packages())} components\n")
        return
    if asked.notice:
        kept = NOTICE.read_text(encoding="utf-8").partition(LIST_HEAD)[0].rstrip()
        NOTICE.write_text(f"{kept}\n\n{notice_list()}", encoding="utf-8")
    for one in packages():
        sys.stdout.write(f"{one.name:<28} {one.version:<14} {one.licence}\n")


if __name__ == "__main__":
    main()
