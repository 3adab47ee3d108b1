"""Whether work grows with its input or with the square of it: CPU time at two sizes, with wide slack.

Never an absolute time: a loaded machine is slower, but at both sizes. What is too quick to be measured is repeated.
"""

import time
from collections.abc import Callable

FACTOR = 8
"""How much larger the second size is: linear work takes 8 times as long, quadratic work 64 times."""
SLACK = 3.0
"""Between them: more than FACTOR times this is not linear any more (n log n is 10 to 13)."""
MEASURABLE = 0.002
"""Seconds below which a single run says nothing."""
ATTEMPTS = 3
"""The least growth of some attempts counts: noise makes a run longer, never shorter."""


def growth(work: Callable[[int], object], size: int) -> float:
    """CPU time at FACTOR times `size` over that at `size`."""
    small = max(_seconds(work, size), MEASURABLE / FACTOR)
    return _seconds(work, size * FACTOR) / small


def assert_linear(work: Callable[[int], object], size: int) -> None:
    """`work(n)` does something with an input of n characters; the input is made inside of it."""
    seen = []
    for _ in range(ATTEMPTS):
        seen.append(growth(work, size))
        if seen[-1] <= FACTOR * SLACK:
            return
    raise AssertionError(f"{FACTOR} times the input took {min(seen):.0f} times as long")


def _seconds(work: Callable[[int], object], size: int) -> float:
    began = time.process_time()
    work(size)
    once = time.process_time() - began
    if once >= MEASURABLE:
        return once
    times = min(50, int(MEASURABLE / max(once, 1e-5)) + 1)
    began = time.process_time()
    for _ in range(times):
        work(size)
    return (time.process_time() - began) / times
