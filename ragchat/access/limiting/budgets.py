"""How much: the tokens that a key may spend on a model in a day (UTC), counted when an answer ends.

The answer that reaches the budget is still given whole; the next question is refused until midnight.
"""

import time
from datetime import UTC, datetime
from typing import Final

from limits import RateLimitItemPerDay
from limits.aio.storage import Storage

from ragchat.access import Principal
from ragchat.access.limiting.counters import Tolerant
from ragchat.errors import TooMany

DAY: Final = 86_400


class Budgets:
    """Tokens spent today, by tenant."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._tolerant = Tolerant()

    async def check(self, principal: Principal) -> None:
        """TooMany (code "budget_spent") when today's tokens are spent."""
        if principal.tokens_per_day is None:
            return
        spent = await self._tolerant.ask(lambda: self._storage.get(_today(principal)), 0)
        if spent >= principal.tokens_per_day:
            raise TooMany(
                f"The {principal.tokens_per_day} tokens of today are spent.",
                hint="They are counted anew from midnight UTC.",
                retry_after=DAY - time.time() % DAY,
                code="budget_spent",
            )

    async def spend(self, principal: Principal, tokens: int) -> None:
        """Count the tokens of an answer."""
        if principal.tokens_per_day is not None and tokens:
            await self._tolerant.ask(lambda: self._storage.incr(_today(principal), 2 * DAY, tokens), 0)


def _today(principal: Principal) -> str:
    day = datetime.now(UTC).date().isoformat()
    return RateLimitItemPerDay(1).key_for("tokens", principal.tenant, day)
