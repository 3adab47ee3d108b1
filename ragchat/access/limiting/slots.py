"""How many at once: an answer holds a slot from before its first event to after its last, the model's call included.

Who finds none is told so at once: a queue in front of a model only hides that it is too slow.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from ragchat.errors import Busy

COME_AGAIN_SECONDS: Final = 2.0


class Slots:
    """`size` slots of one process. For one event loop."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.taken = 0

    def require_one(self) -> None:
        """Busy when none is free: before any work is done for the question."""
        if self.taken >= self.size:
            raise Busy(
                "As many answers are being made as this server makes at once.",
                hint="Try again in a moment. RAGCHAT_MAX_CONCURRENT raises the number.",
                retry_after=COME_AGAIN_SECONDS,
            )

    @contextmanager
    def held(self) -> Iterator[None]:
        """A slot for as long as it is entered. Busy when none is free."""
        self.require_one()
        self.taken += 1
        try:
            yield
        finally:
            self.taken -= 1
