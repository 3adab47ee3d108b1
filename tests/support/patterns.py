"""Every regular expression of the code base with the ways in which it is used, and the strings that may hurt it.

Expressions are found where they live: in the globals of each module, in what those hold (tables, tuples, mappings), and
as literals in calls of `re`. The strings come from the expression's own syntax tree: runs of each thing that it can
match, of neighbours together, of a whole match, each also behind its beginning and before what breaks it.
"""

import ast
import dataclasses
import importlib
import pkgutil
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from types import ModuleType
from typing import Any

METHODS = ("search", "match", "fullmatch", "sub", "subn", "split", "findall", "finditer")
MOST_UNITS = 24
CATEGORIES = {
    "CATEGORY_DIGIT": "7", "CATEGORY_NOT_DIGIT": "x", "CATEGORY_SPACE": " ", "CATEGORY_NOT_SPACE": "x",
    "CATEGORY_WORD": "w", "CATEGORY_NOT_WORD": "-",
}  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Used:
    """An expression, where it stands, and the methods by which it is used (all that search where that is unknown)."""

    where: str
    pattern: re.Pattern[Any]
    methods: frozenset[str]

    @property
    def anchored(self) -> bool:
        """Whether it is only ever tried at one place of a text."""
        return self.methods <= {"match", "fullmatch"} and bool(self.methods)


def modules(*packages: str) -> Iterator[ModuleType]:
    for name in packages:
        package = importlib.import_module(name)
        yield package
        for found in pkgutil.walk_packages(package.__path__, f"{name}."):
            if not found.name.endswith(("__main__", ".child")):
                yield importlib.import_module(found.name)


def expressions(*packages: str) -> list[Used]:
    """Each once, in the order of their places."""
    found: dict[tuple[str | bytes, int], Used] = {}
    every = list(modules(*packages))
    used_as = _uses([Path(module.__file__ or "").read_text("utf-8") for module in every])
    for module in every:
        source = Path(module.__file__ or "").read_text("utf-8")
        for name, value in vars(module).items():
            if name.startswith("__") or isinstance(value, ModuleType | type):
                continue
            for pattern in _held(value, 0):
                uses = _uses([source]) if name.startswith("_") else used_as
                _note(found, Used(f"{module.__name__}.{name}", pattern, frozenset(uses.get(name, ()))))
        for used in _literals(module.__name__, source):
            _note(found, used)
    return list(found.values())


def _uses(sources: Iterable[str]) -> dict[str, set[str]]:
    """The methods called on each name, in whatever module: expressions are imported under their names."""
    found: dict[str, set[str]] = {}
    for source in sources:
        for name, method in re.findall(rf"\b(\w+)\.({'|'.join(METHODS)})\b", source):
            found.setdefault(name, set()).add(method)
    return found


def _note(found: dict[tuple[str | bytes, int], Used], used: Used) -> None:
    key = (used.pattern.pattern, used.pattern.flags)
    before = found.get(key)
    if before is None:
        found[key] = used
    else:
        found[key] = dataclasses.replace(before, methods=before.methods | used.methods)


def _held(value: object, depth: int) -> Iterator[re.Pattern[Any]]:
    if isinstance(value, re.Pattern):
        yield value
    elif depth < 4 and isinstance(value, Mapping):
        for one in value.values():
            yield from _held(one, depth + 1)
    elif depth < 4 and isinstance(value, Sequence | frozenset) and not isinstance(value, str | bytes):
        for one in value:
            yield from _held(one, depth + 1)
    elif depth < 4 and dataclasses.is_dataclass(value):
        for one in dataclasses.fields(value):
            yield from _held(getattr(value, one.name, None), depth + 1)


def _literals(module: str, source: str) -> Iterator[Used]:
    """`re.sub(r"…", …)` and its like."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="re"), attr=method),
                args=[ast.Constant(value=str() | bytes() as text), *_],
            ) if method in METHODS:
                yield Used(f"{module}:{node.lineno}", re.compile(text), frozenset({method}))


def hurting(pattern: re.Pattern[Any], size: int) -> Iterator[Any]:
    """Texts of about `size` characters that are likely to hurt the expression."""
    for unit, before, after in shapes(pattern):
        text = before + unit * max(1, size // len(unit)) + after
        yield text.encode("utf-8") if isinstance(pattern.pattern, bytes) else text


def shapes(pattern: re.Pattern[Any]) -> list[tuple[str, str, str]]:
    """What is repeated, and what stands before and after it."""
    source = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    parts = [part for part in _parts(parser.parse(source, pattern.flags & ~re.UNICODE & ~re.DEBUG)) if part]
    whole = "".join(parts)
    units: dict[str, None] = dict.fromkeys([" ", "a", "\n ", "1"])
    if whole:
        units |= dict.fromkeys([whole, whole[:-1] or whole])
    for alone, pair in zip(parts, [*map("".join, pairwise(parts)), ""], strict=True):
        units |= dict.fromkeys(filter(None, [alone, pair]))
    found: dict[tuple[str, str, str], None] = {}
    for unit in list(units)[:MOST_UNITS]:
        for before in dict.fromkeys(["", parts[0] if parts else "", whole[: len(whole) // 2]]):
            found[unit, before, "\x01"] = None
        found[unit, "", ""] = None
    return list(found)


def _parts(tree: Iterable[tuple[Any, Any]]) -> Iterator[str]:
    """An example of each thing that an expression matches, in order; of branches all."""
    for code, value in tree:
        match str(code):
            case "LITERAL":
                yield chr(value)
            case "NOT_LITERAL":
                yield "x" if value != ord("x") else "y"
            case "ANY":
                yield "x"
            case "IN":
                yield from _samples(value)
            case "BRANCH":
                for branch in value[1]:
                    yield "".join(_parts(branch))
            case "SUBPATTERN":
                yield from _parts(value[3])
            case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
                inner = "".join(_parts(value[2]))
                yield inner * max(1, min(value[0], 40))
            case "ATOMIC_GROUP":
                yield from _parts(value)
            case "ASSERT":
                yield "".join(_parts(value[1]))
            case _:
                pass


def _samples(items: Iterable[tuple[Any, Any]]) -> Iterator[str]:
    """One character of a class (two of a class with several kinds)."""
    items = list(items)
    if items and str(items[0][0]) == "NEGATE":
        inside = re.compile("[" + "".join(map(_class_item, items[1:])) + "]")
        yield next((sign for sign in "xa1 -.\n<é" if not inside.match(sign)), "")
        return
    for code, value in items[:1]:
        match str(code):
            case "LITERAL":
                yield chr(value)
            case "RANGE":
                yield chr(value[0])
            case "CATEGORY":
                yield CATEGORIES.get(str(value), "x")


def _class_item(item: tuple[Any, Any]) -> str:
    code, value = item
    match str(code):
        case "LITERAL":
            return re.escape(chr(value))
        case "RANGE":
            return f"{re.escape(chr(value[0]))}-{re.escape(chr(value[1]))}"
        case _:
            return {
                codes.CATEGORY_DIGIT: r"\d", codes.CATEGORY_NOT_DIGIT: r"\D", codes.CATEGORY_SPACE: r"\s",
                codes.CATEGORY_NOT_SPACE: r"\S", codes.CATEGORY_WORD: r"\w", codes.CATEGORY_NOT_WORD: r"\W",
            }[value]  # fmt: skip
