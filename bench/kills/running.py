"""Starting a run, waiting for a moment in it, and kill -9."""

import random
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
# Phases of a writer in which a kill is "inside the publish window".
WINDOW = ("building", "sealing", "renaming", "committing", "published", "pruning")
PHASES_ON_DISK = ("building", "sealing", "renaming")
_LONGEST_RUN = 300.0


@dataclass(frozen=True, slots=True)
class Moment:
    """Kill `delay` seconds after `phase` is seen, or after the start where phase is empty."""

    phase: str
    delay: float


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run ended: killed, said it was done, what it said and when (seconds from its start), how long it took."""

    killed: bool
    acknowledged: bool
    lines: tuple[tuple[str, float], ...]
    seconds: float
    errors: str

    def since(self, phase: str) -> float:
        """Seconds from a phase to the end; the whole run where it did not say so."""
        return self.seconds - next((at for line, at in self.lines if line == phase), 0.0)


def moments(random_: random.Random, count: int, whole: Ended, phases: Sequence[str]) -> Iterator[Moment]:
    """Three in five inside the publish window, the others anywhere; `whole` is an undisturbed run.

    Half of the former are spread over the window, half stand right behind the beginning of one of `phases`.
    """
    told = len(whole.lines) > 1
    for number in range(count):
        if number % 5 in (1, 3):
            start = "cleaning" if told else ""
            yield Moment(start, random_.uniform(0, whole.since(start)))
        elif number % 2 and told:
            yield Moment("building", random_.uniform(0, whole.since("building")))
        else:
            yield Moment(random_.choice(phases), random_.uniform(0, 0.003))


def run(
    command: Sequence[str],
    moment: Moment | None,
    *,
    seen_on_disk: Callable[[], str] | None = None,
    acknowledgement: str = "acknowledged",
) -> Ended:
    """Runs to the end, or to the moment. `seen_on_disk` tells the phase of a command that does not say it."""
    began = time.perf_counter()
    lines: list[tuple[str, float]] = []
    arrived = threading.Event()
    with (
        tempfile.TemporaryFile("w+") as errors,
        subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=errors, text=True, cwd=REPOSITORY
        ) as process,
    ):

        def read() -> None:
            for line in process.stdout or ():
                lines.append((line.strip(), time.perf_counter() - began))
                if moment is not None and lines[-1][0] == moment.phase:
                    arrived.set()

        reader = threading.Thread(target=read)
        reader.start()
        _kill_at(process, moment, arrived, seen_on_disk)
        reader.join()
        errors.seek(0)
        said = errors.read()
    killed = process.returncode == -signal.SIGKILL
    done = process.returncode == 0 or any(line.startswith(acknowledgement) for line, _ in lines)
    return Ended(killed, done, tuple(lines), time.perf_counter() - began, said)


def _kill_at(
    process: "subprocess.Popen[str]",
    moment: Moment | None,
    arrived: threading.Event,
    seen_on_disk: Callable[[], str] | None,
) -> None:
    if moment is not None:
        deadline = time.monotonic() + _LONGEST_RUN
        while moment.phase and not arrived.is_set() and process.poll() is None:
            if seen_on_disk is not None and seen_on_disk() == moment.phase:
                break
            if time.monotonic() > deadline:
                break
            arrived.wait(0.0005)
        time.sleep(moment.delay)
        process.kill()
    process.wait(_LONGEST_RUN)
