"""Memory of a process that serves for long: how many heaps the C library keeps.

glibc gives threads heaps of their own, up to eight for each core, and each keeps what was freed in it: a server's
memory grew by a twelfth over some thousand chats though nothing was kept (bench/service). With two it stays.
"""

import ctypes
import os
from typing import Final

ARENAS: Final = 2
VARIABLE: Final = "MALLOC_ARENA_MAX"
"""What glibc reads when a process starts; where it is set, it is left alone."""
_M_ARENA_MAX: Final = -8


def few_arenas() -> bool:
    """Bound the heaps of this process, before threads make more of them; False where there is nothing to bound."""
    if VARIABLE in os.environ:
        return False
    try:
        return bool(ctypes.CDLL(None).mallopt(_M_ARENA_MAX, ARENAS))
    except (OSError, AttributeError, TypeError):  # another C library
        return False
