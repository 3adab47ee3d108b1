"""What a source elsewhere must be able to do.

`ingest.remote.bringing` names them all; a new kind is one class and a line there.
"""

from collections.abc import Callable
from typing import Protocol

from ingest.remote.brought import Brought
from ingest.remote.mirror import Mirror


class Source(Protocol):
    """One place elsewhere."""

    @property
    def identity(self) -> str:
        """The root: no secret in it, and the same for every run over the same place."""
        ...

    def bring(self, mirror: Mirror, told: Callable[[int], None]) -> Brought:
        """Brings a mirror, which is held, in line: fetches what changed since the last time and drops what is gone.

        `told` is given the number of files that are there so far. What cannot be fetched alone is told as failed and
        stays as it was. Raises UpstreamFailed, UsageError for the source as a whole: nothing is dropped then.
        """
        ...
