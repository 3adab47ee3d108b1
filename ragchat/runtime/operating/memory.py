"""Memory of a process that serves for long: how many heaps the C library keeps, and what Python looks through.

glibc gives threads heaps of their own, up to eight for each core, and each keeps what was freed in it: a server's
memory grew by a twelfth over some thousand chats though nothing was kept (bench/service). With two it stays.

Python looks for garbage through all objects that there are, now and then, and nothing else is done meanwhile: with
400 streams .3 to .45 s, five times in half a minute. What is there when serving begins is modules and models.
"""

import ctypes
import gc
import os
from typing import Final

ARENAS: Final = 2
VARIABLE: Final = "MALLOC_ARENA_MAX"
"""What glibc reads when a process starts; where it is set, it is left alone."""
_M_ARENA_MAX: Final = -8
THRESHOLDS: Final = (5_000, 20, 20)
"""Objects between two looks through the youngest, of these between two through the middle-aged, of those between two
through all."""


def few_arenas() -> bool:
    """Bound the heaps of this process, before threads make more of them; False where there is nothing to bound."""
    if VARIABLE in os.environ:
        return False
    try:
        return bool(ctypes.CDLL(None).mallopt(_M_ARENA_MAX, ARENAS))
    except (OSError, AttributeError, TypeError):  # another C library
        return False


def set_apart() -> int:
    """Count what there is by now as here for good, and never look through it again; how many objects that is."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
    return gc.get_freeze_count()
