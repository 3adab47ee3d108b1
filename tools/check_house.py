"""Checks the house rules that no linter knows: rooms of at most a dozen modules, functions that fit a screen.

Usage: `check_house.py`. Prints what breaks a rule and exits with 1.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
FLOORS: Final = ("ragchat", "ingest")
MOST_MODULES: Final = 12
"""Modules of a folder, besides its `__init__`."""
MOST_LINES: Final = 50
"""Lines of a function, with its signature and docstring; routes and commands document each parameter there."""


def crowded_rooms() -> Iterator[str]:
    """Folders with more modules than a reader keeps in mind, and those that do not say what lives in them."""
    for folder in sorted({path.parent for floor in FLOORS for path in (ROOT / floor).rglob("*.py")}):
        modules = [path for path in folder.glob("*.py") if not path.stem.startswith("__")]
        room = folder.relative_to(ROOT)
        if len(modules) > MOST_MODULES:
            yield f"{room}: {len(modules)} modules, {MOST_MODULES} at most"
        if not ast.get_docstring(ast.parse((folder / "__init__.py").read_text("utf-8"))):
            yield f"{room}/__init__.py: does not say what lives here"


def long_functions() -> Iterator[str]:
    for path in sorted(path for floor in FLOORS for path in (ROOT / floor).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > MOST_LINES:
                    yield f"{path.relative_to(ROOT)}:{node.lineno}: {node.name} has {lines} lines, {MOST_LINES} at most"


def main() -> int:
    broken = [*crowded_rooms(), *long_functions()]
    print("\n".join(broken) or "The house is in order.")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
