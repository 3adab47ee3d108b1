"""How the model's service has been lately, as seen by the answers that needed it: nobody calls it to find out."""

import time
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

State: TypeAlias = Literal["unused", "ok", "failing"]
FORGOTTEN_SECONDS: Final = 300.0
"""After so long without a question nothing is known any more."""


@dataclass(slots=True)
class Upstream:
    """The last call's outcome."""

    failed: bool = False
    seen_at: float = 0.0

    def saw(self, *, failed: bool) -> None:
        """An answer that needed the model has ended."""
        self.failed, self.seen_at = failed, time.monotonic()

    @property
    def state(self) -> State:
        """unused: no answer has needed it lately."""
        if not self.seen_at or time.monotonic() - self.seen_at > FORGOTTEN_SECONDS:
            return "unused"
        return "failing" if self.failed else "ok"
