"""A table of TOML read key by key into typed values; a key of the wrong type or one that nobody asked for is an error.

Only the form of a file is known here; what its keys mean is in reading.py.
"""

import tomllib
from collections.abc import Iterator, Mapping
from typing import Final, NoReturn

from ragchat.errors import UsageError


class TableFile:
    """One table of a file, or a table inside it. Take every key, then call `finish`."""

    def __init__(self, where: str, values: Mapping[str, object]) -> None:
        self._where: Final = where
        self._values: Final = values
        self._taken: Final[set[str]] = set()

    @classmethod
    def of(cls, name: str, text: str) -> "TableFile":
        """Raises UsageError where the text is no TOML."""
        try:
            return cls(name, tomllib.loads(text))
        except tomllib.TOMLDecodeError as error:
            raise UsageError(f"{name} is not valid TOML: {error}.") from error

    def text(self, key: str, default: str = "") -> str:
        value = self._take(key, default)
        return value if isinstance(value, str) else self._fail(key, "a string")

    def flag(self, key: str) -> bool:
        value = self._take(key, False)
        return value if isinstance(value, bool) else self._fail(key, "true or false")

    def words(self, key: str) -> frozenset[str]:
        """Words with blanks between them."""
        return frozenset(self.text(key).split())

    def list(self, key: str) -> tuple[str, ...]:
        value = self._take(key, [])
        if isinstance(value, list) and all(isinstance(one, str) for one in value):
            return tuple(value)
        return self._fail(key, "a list of strings")

    def numbers(self, key: str) -> frozenset[int]:
        value = self._take(key, [])
        if isinstance(value, list) and all(isinstance(one, int) for one in value):
            return frozenset(value)
        return self._fail(key, "a list of whole numbers")

    def table(self, key: str) -> "TableFile":
        """The table of that name, an empty one where there is none."""
        value = self._take(key, {})
        return (
            TableFile(f"{self._where}, [{key}]", value)
            if isinstance(value, dict)
            else self._fail(key, "a table")
        )

    def tables(self, key: str) -> "Iterator[TableFile]":
        value = self._take(key, [])
        for one in value if isinstance(value, list) else self._fail(key, "a list of tables"):
            yield TableFile(
                f"{self._where}, [[{key}]]", one if isinstance(one, dict) else self._fail(key, "a table")
            )

    def __iter__(self) -> Iterator[str]:
        """Its keys, in the file's order."""
        return iter(self._values)

    def fail(self, key: str, expected: str) -> UsageError:
        return UsageError(
            f"{self._where}: {key} must be {expected}.", hint="See docs/extending.md, “A language”."
        )

    def finish(self) -> None:
        """Raises UsageError for keys that were not taken: a slip would otherwise be a language that lacks something."""
        if unknown := sorted(self._values.keys() - self._taken):
            raise UsageError(
                f"{self._where}: unknown keys {', '.join(unknown)}.", hint="See docs/extending.md."
            )

    def _take(self, key: str, default: object) -> object:
        self._taken.add(key)
        return self._values.get(key, default)

    def _fail(self, key: str, expected: str) -> NoReturn:
        raise self.fail(key, expected)
