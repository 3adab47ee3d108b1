"""Checks the house rules that no linter knows: rooms of fewer than a dozen modules, functions that fit a screen,
imports inside functions only where they say why.

Usage: `check_house.py`. Prints what breaks a rule and exits with 1.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
FLOORS: Final = ("ragchat", "ingest")
MOST_MODULES: Final = 11
"""Modules of a folder, besides its `__init__`."""
COMMANDS: Final = "ragchat/cli"
"""Here every command imports inside itself what it needs; the docstring of the folder says why."""
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


def unexplained_imports() -> Iterator[str]:
    """An import inside a function makes starting faster or a circle possible: its line says which."""
    for path in sorted(path for floor in FLOORS for path in (ROOT / floor).rglob("*.py")):
        if path.is_relative_to(ROOT / COMMANDS):
            continue
        lines = path.read_text("utf-8").splitlines()
        for node in ast.walk(ast.parse("\n".join(lines))):
            if (
                isinstance(node, ast.Import | ast.ImportFrom)
                and node.col_offset
                and not _for_types(node, lines)
            ):
                said = "".join(lines[node.lineno - 1 : node.end_lineno]).replace("# type: ignore", "")
                if "#" not in said:
                    yield f"{path.relative_to(ROOT)}:{node.lineno}: an import inside a function that does not say why"


def _for_types(node: ast.stmt, lines: list[str]) -> bool:
    """Whether the block that it stands in is one for type checking or an attempt."""
    above = next(
        line
        for line in reversed(lines[: node.lineno - 1])
        if line.strip() and len(line) - len(line.lstrip()) < node.col_offset
    )
    return above.strip() in ("if TYPE_CHECKING:", "try:", "else:")


def main() -> int:
    broken = [*crowded_rooms(), *long_functions(), *unexplained_imports()]
    print("\n".join(broken) or "The house is in order.")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
