"""FAISS, imported when it is first needed and typed as Any: its stubs do not describe the wheel."""

from functools import cache
from importlib import import_module
from typing import Any


@cache
def faiss() -> Any:
    """The module. 0.16 CPU seconds the first time."""
    return import_module("faiss")
