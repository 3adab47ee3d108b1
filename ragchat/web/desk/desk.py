"""What a question passes on its way in, and what is counted on the answer's way out.

The slot is taken before anything is done or stored for the question, and given back when the answer's generator ends,
however that comes about.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from time import perf_counter
from typing import Final, assert_never

from anyio import CancelScope

from ragchat.access.limiting.budgets import Budgets
from ragchat.access.limiting.counters import closed, storage_at
from ragchat.access.limiting.rates import RateLimited, Rates
from ragchat.access.limiting.slots import Slot, Slots
from ragchat.answering.events import Cited, Done, Error, Event, Sources, Start, Step, Token
from ragchat.errors import TooMany
from ragchat.runtime.cache import AnswerCache, answer_cache, worth_keeping
from ragchat.runtime.models import EXTRACTIVE
from ragchat.settings import Settings
from ragchat.web.desk.caller import Caller
from ragchat.web.desk.metrics import Metrics
from ragchat.web.desk.upstream import Upstream

CHARACTERS: Final = 4
"""Of a token, roughly: for answers that never told their usage."""


class Desk:
    """The limits, the cache and the measures of one application."""

    def __init__(self, settings: Settings) -> None:
        self._counters = storage = storage_at(settings.redis_url)
        self.rates = Rates(storage, user=settings.rate_limit, key=settings.rate_limit_key)
        self.budgets = Budgets(storage)
        self.slots = Slots(max(1, settings.max_concurrent // settings.workers))
        self.cache: AnswerCache | None = answer_cache(
            on=settings.answer_cache == "on",
            redis_url=settings.redis_url,
            seconds=settings.answer_cache_seconds,
        )
        self.metrics = Metrics()
        self.upstream = Upstream()

    async def admit(self, caller: Caller, user: str | None) -> Slot:
        """Let a question in; returns the slot of its answer. Raises Busy, TooMany.

        What the caller has left is written into its headers.
        """
        slot = None
        try:
            slot = self.slots.take()
            await self.budgets.check(caller.principal)
            standing = await self.rates.count(caller.principal, caller.address, user)
        except TooMany as refused:
            if slot is not None:
                slot.give_back()
            if isinstance(refused, RateLimited):
                caller.headers.update(refused.standing.headers)
            self.metrics.limited.labels(refused.code).inc()
            raise
        if standing is not None:
            caller.headers.update(standing.headers)
        return slot

    async def within(self, slot: Slot, events: AsyncGenerator[Event, None]) -> AsyncGenerator[Event, None]:
        """`events`, and the slot given back when they end."""
        try:
            with self.metrics.running.track_inprogress():
                async with aclosing(events):
                    async for event in events:
                        yield event
        finally:
            slot.give_back()

    async def counted(
        self, events: AsyncGenerator[Event, None], caller: Caller
    ) -> AsyncGenerator[Event, None]:
        """`events`, with what is worth knowing of them measured and the tokens charged."""
        meter = _Meter(self, caller)
        try:
            async with aclosing(events):
                async for event in events:
                    await meter.saw(event)
                    yield event
        finally:
            await meter.left()

    async def remembered(
        self, events: AsyncGenerator[Event, None], key: str, generation: int
    ) -> AsyncGenerator[Event, None]:
        """`events`, kept under `key` when they were a whole answer."""
        said: list[Event] = []
        async with aclosing(events):
            async for event in events:
                said.append(event)
                if self.cache is not None and worth_keeping(said, generation):
                    await self.cache.put(key, said)
                yield event

    async def recall(self, key: str) -> Sequence[Event] | None:
        """The answer that was kept under `key`."""
        found = await self.cache.get(key) if self.cache is not None else None
        self.metrics.cache.labels("hit" if found else "miss").inc()
        return found

    async def close(self) -> None:
        """Give back what is held of others."""
        if self.cache is not None:
            await self.cache.close()
        await closed(self._counters)


class _Meter:
    """What is measured of one answer."""

    def __init__(self, desk: Desk, caller: Caller) -> None:
        self._desk = desk
        self._caller = caller
        self._begun = perf_counter()
        self._model = EXTRACTIVE
        self._read = self._written = 0
        self._ended = False

    async def saw(self, event: Event) -> None:
        match event:
            case Start():
                self._model = event.model
            case Sources():
                self._read += sum(len(source.text) for source in event.sources)
            case Token():
                if not self._written:
                    self._desk.metrics.first_token_seconds.observe(perf_counter() - self._begun)
                self._written += len(event.token)
            case Done():
                await self._done(event)
            case Error():
                self._end("error")
                self._desk.upstream.saw(failed=self._model != EXTRACTIVE)
            case Step() | Cited():
                pass
            case _:
                assert_never(event)

    async def left(self) -> None:
        """After the last event. Of an answer that was cut the tokens are estimated: stopping early saves none."""
        if self._ended:
            return
        self._end("cut")
        if self._model != EXTRACTIVE:
            with CancelScope(shield=True):
                await self._desk.budgets.spend(
                    self._caller.principal, (self._read + self._written) // CHARACTERS
                )

    def _end(self, finish: str) -> None:
        self._ended = True
        self._desk.metrics.answers.labels(finish).inc()
        self._desk.metrics.answer_seconds.observe(perf_counter() - self._begun)

    async def _done(self, done: Done) -> None:
        self._end(done.finish)
        metrics = self._desk.metrics
        if done.refusal is not None:
            metrics.refusals.labels(done.refusal.reason).inc()
        if done.usage.total_tokens:
            self._desk.upstream.saw(failed=False)
            metrics.tokens.labels("input").inc(done.usage.input_tokens)
            metrics.tokens.labels("output").inc(done.usage.output_tokens)
            await self._desk.budgets.spend(self._caller.principal, done.usage.total_tokens)
