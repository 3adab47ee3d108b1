"""How many at once: an answer holds a slot from before anything is done for it to after its last event.

Who finds none is told so at once: a queue in front of a model only hides that it is too slow. A slot is an object that
is given back at the latest when nobody holds it any more: an answer that never begins cannot keep it.
"""

from typing import Final

from ragchat.errors import Busy

COME_AGAIN_SECONDS: Final = 2.0


class Slots:
    """`size` slots of one process. For one event loop."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.taken = 0

    def take(self) -> "Slot":
        """A slot; Busy when none is free."""
        if self.taken >= self.size:
            raise Busy(
                "As many answers are being made as this server makes at once.",
                hint="Try again in a moment. RAGCHAT_MAX_CONCURRENT raises the number.",
                retry_after=COME_AGAIN_SECONDS,
            )
        self.taken += 1
        return Slot(self)


class Slot:
    """One that is taken, until it is given back or forgotten."""

    __slots__ = ("_of",)

    def __init__(self, of: Slots) -> None:
        self._of: Slots | None = of

    def give_back(self) -> None:
        """Let another answer have it; more than once is as good as once."""
        of, self._of = self._of, None
        if of is not None:
            of.taken -= 1

    def __del__(self) -> None:
        self.give_back()
