"""Configured words flagged or blocked, in what is asked and in what a model writes, and what looks like a password.

The documents' own words, in sources and quotes, are not touched: who may read them is a matter of access.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ragchat.answering.moderating.secrets import redacted

_PASSWORD = re.compile(
    r"(?<!\w)(?:password|passwd|passphrase|pwd|passwort|kennwort|mot de passe|contraseña|senha|wachtwoord)"
    r"\s{0,3}[:=]\s{0,3}\S{4}",
    re.IGNORECASE,
)
"""Somebody gives one away. It has no form that could be told for sure, so it is flagged and not taken out."""
PASSWORD = "password"


@dataclass(frozen=True, slots=True)
class Screened:
    """What is left of a message: its redacted text, and the configured words found in it."""

    text: str
    flagged: tuple[str, ...] = ()
    blocked: tuple[str, ...] = ()


class Moderation:
    """Screens text by configured words; whole words, any case. Immutable."""

    def __init__(self, *, flagged: Iterable[str] = (), blocked: Iterable[str] = ()) -> None:
        self._flagged = _any_of(flagged)
        self._blocked = _any_of(blocked)

    @property
    def blocks(self) -> bool:
        """Whether any word is blocked: then none may be shown before it is whole."""
        return self._blocked is not None

    def screen(self, text: str) -> Screened:
        """Redacts and looks for the configured words."""
        return Screened(redacted(text), self.flagged_in(text), self.blocked_in(text))

    def flagged_in(self, text: str) -> tuple[str, ...]:
        """The words to flag that stand in the text, lower case; "password" where one seems to be given away."""
        given = (PASSWORD,) if _PASSWORD.search(text) else ()
        return tuple(dict.fromkeys(_found(self._flagged, text) + given))

    def blocked_in(self, text: str) -> tuple[str, ...]:
        """The words to block that stand in the text, lower case."""
        return _found(self._blocked, text)


def _any_of(words: Iterable[str]) -> re.Pattern[str] | None:
    listed = sorted((re.escape(word.strip()) for word in words if word.strip()), key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(listed)})(?!\w)", re.IGNORECASE) if listed else None


def _found(pattern: re.Pattern[str] | None, text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(found.lower() for found in pattern.findall(text))) if pattern else ()
