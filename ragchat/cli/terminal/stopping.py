"""Being told to stop: SIGTERM ends a command as Ctrl-C does, with the exit code of its own.

A supervisor (systemd, Docker, Kubernetes) sends SIGTERM and reads the exit code: `serve` ends with 0 once the answers
under way are out, any other command with 128 + 15 after it has said what holds.
"""

import signal
from types import FrameType
from typing import Final, NoReturn

INTERRUPTED: Final = 130
"""128 + SIGINT, as shells report it."""
TERMINATED: Final = 143
"""128 + SIGTERM."""


class Terminated(KeyboardInterrupt):
    """SIGTERM came."""


def stop_on_sigterm() -> None:
    """From here on SIGTERM raises Terminated in the main thread."""
    signal.signal(signal.SIGTERM, _terminated)


def exit_code_of(stop: KeyboardInterrupt) -> int:
    return TERMINATED if isinstance(stop, Terminated) else INTERRUPTED


def _terminated(_: int, __: FrameType | None) -> NoReturn:
    raise Terminated
