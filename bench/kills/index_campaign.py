"""The campaign against an index home: by the small run of `child`, or by any command line that ingests a folder."""

import random
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

from bench.kills.corpus import SCENARIOS, Content, Scenario, change, content_of, write_before
from bench.kills.running import PHASES_ON_DISK, WINDOW, Ended, Moment, moments, run
from ragchat.corpus.contract import Store
from ragchat.corpus.opening import open_stores
from ragchat.corpus.values import Wanted
from ragchat.errors import RagchatError


@dataclass(frozen=True, slots=True)
class Subject:
    """`command` brings the index in line with a folder; {index_dir} and {folder} are replaced in it."""

    name: str
    command: tuple[str, ...]
    acknowledgement: str = "acknowledged"
    tells_phases: bool = True

    def line(self, index_dir: Path, folder: Path) -> list[str]:
        return [part.format(index_dir=index_dir, folder=folder) for part in self.command]


@dataclass(slots=True)
class Kill:
    """One kill and what was found after it; `problems` is empty when nothing was lost."""

    number: int
    scenario: Scenario
    moment: Moment
    killed: bool = False
    acknowledged: bool = False
    last_phase: str = ""
    state: str = ""
    problems: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, object]:
        return asdict(self)


def child_subject(dimension: int = 32) -> Subject:
    """The run of `bench.kills.child`."""
    command = (sys.executable, "-m", "bench.kills.child", "{index_dir}", "{folder}", str(dimension))
    return Subject("index", command)


def campaign(
    subject: Subject,
    *,
    kills: int,
    seed: int,
    documents: int = 120,
    lines: int = 4,
    progress: Callable[[Kill], None] | None = None,
) -> list[Kill]:
    """Kills runs over first ingest, re-ingest and removal in turn; every home is checked before the next."""
    random_ = random.Random(seed)  # noqa: S311
    done: list[Kill] = []
    with tempfile.TemporaryDirectory(prefix="ragchat-kills-") as name:
        grounds = {
            scenario: _Ground(Path(name) / scenario, subject, scenario, documents, lines)
            for scenario in SCENARIOS
        }
        phases = WINDOW if subject.tells_phases else PHASES_ON_DISK
        aims = {scenario: moments(random_, kills, grounds[scenario].whole, phases) for scenario in SCENARIOS}
        for number in range(kills):
            scenario = SCENARIOS[number % len(SCENARIOS)]
            done.append(grounds[scenario].kill(number, next(aims[scenario])))
            if progress is not None:
                progress(done[-1])
    return done


class _Ground:
    """Templates of one scenario: the index before the run, the folder it has to take in, and both contents."""

    def __init__(self, place: Path, subject: Subject, scenario: Scenario, documents: int, lines: int) -> None:
        self.place, self.subject, self.scenario = place, subject, scenario
        self.folder, self.template, self.index_dir = place / "folder", place / "template", place / "indexes"
        write_before(self.folder, documents, lines)
        self.before: Content = {}
        self.template.mkdir()
        if scenario != "first":
            self._must_succeed(self.template)
            self.before = content_of(self.folder)
        change(self.folder, scenario, documents, lines)
        self.after = content_of(self.folder)
        self._reset()
        self.whole = self._must_succeed(self.index_dir)

    def _reset(self) -> None:
        shutil.rmtree(self.index_dir, ignore_errors=True)
        shutil.copytree(self.template, self.index_dir)

    def _must_succeed(self, index_dir: Path) -> Ended:
        ended = run(
            self.subject.line(index_dir, self.folder), None, acknowledgement=self.subject.acknowledgement
        )
        if not ended.acknowledged:
            raise RuntimeError(f"the run fails without being killed:\n{ended.errors}")
        return ended

    def kill(self, number: int, moment: Moment) -> Kill:
        self._reset()
        kill = Kill(number, self.scenario, moment)
        ended = run(
            self.subject.line(self.index_dir, self.folder),
            moment,
            seen_on_disk=None if self.subject.tells_phases else self._phase_on_disk,
            acknowledgement=self.subject.acknowledgement,
        )
        kill.killed, kill.acknowledged = ended.killed, ended.acknowledged
        kill.last_phase = (
            ended.lines[-1][0] if ended.lines and self.subject.tells_phases else self._phase_on_disk()
        )
        self._check(kill)
        return kill

    def _phase_on_disk(self) -> str:
        """The phase as the directories show it."""
        generations = self.index_dir / "default" / "generations"
        try:
            names = [path.name for path in generations.iterdir()]
        except FileNotFoundError:
            return ""
        building = [name for name in names if name.startswith(".building-")]
        if building:
            return "sealing" if (generations / building[0] / "manifest.json").exists() else "building"
        return "renaming" if len(names) > (1 if self.before else 0) else ""

    def _check(self, kill: Kill) -> None:
        home = open_stores(self.index_dir).store("default")
        try:
            found = read_content(home, kill.problems)
            kill.state = "after" if found == self.after else "before" if found == self.before else "neither"
            if kill.state == "neither":
                kill.problems.append(_difference(found, self.before, self.after))
            if kill.acknowledged and kill.state != "after":
                kill.problems.append("the run had said it was done, but its documents are not all there")
            if home.current() is not None:
                kill.problems += [f"{p.code}: {p.thing}: {p.detail}" for p in home.verify().problems]
            self._must_succeed(self.index_dir)
            if read_content(home, kill.problems) != self.after:
                kill.problems.append("the next run did not bring the index in line with the folder")
            report = home.verify()
            kill.problems += [f"after the next run: {p.code}: {p.thing}: {p.detail}" for p in report.problems]
            kill.problems += [f"left behind: {kept}" for kept in report.on_disk if "interrupted" in kept.why]
        except (RagchatError, RuntimeError) as error:
            kill.problems.append(f"{type(error).__name__}: {error}")
        finally:
            home.close()


def read_content(home: Store, problems: list[str]) -> Content:
    """Everything an open generation can reach, by listing and by search."""
    if home.current() is None:
        return {}
    with home.open() as generation:
        listed = generation.documents(limit=1_000_000)
        if len({document.id for document in listed}) != len(listed):
            problems.append("a document is listed twice")
        chunks = generation.sample(generation.chunk_count, seed=0, vectors=False)
        anywhere = np.ones(generation.embedder.dimension, dtype=np.float32)
        wanted = Wanted(anywhere, {"line": 1.0}, hits=generation.chunk_count + 10, read=0)
        hits = [hit.chunk_id for hit in generation.find(wanted).worded]
        if sorted(hits) != sorted(chunk.chunk_id for chunk in chunks):
            problems.append(f"a search for a word of every chunk finds {len(hits)} of {len(chunks)}")
        if {chunk.document.id for chunk in chunks} != {document.id for document in listed}:
            problems.append("chunks and documents do not belong together")
        return {document.key: document.version for document in listed}


def _difference(found: Content, before: Content, after: Content) -> str:
    lost = [key for key in before if key in after and key not in found]
    phantom = [key for key in found if key not in before and key not in after]
    return f"a mixture: {len(lost)} lost, {len(phantom)} phantom, {len(found)} found"


def summary(subject: Subject, seed: int, kills: Sequence[Kill]) -> dict[str, object]:
    """The figures that are checked in."""
    return {
        "subject": subject.name,
        "seed": seed,
        "kills": len(kills),
        "died": sum(kill.killed for kill in kills),
        "aimed_at_publish_window": sum(kill.moment.phase in WINDOW for kill in kills),
        "died_in_publish_window": sum(kill.killed and kill.last_phase in WINDOW for kill in kills),
        "last_phase": _counts(kill.last_phase.split()[0] if kill.last_phase else "start" for kill in kills),
        "state": _counts(kill.state for kill in kills),
        "failures": [kill.as_json() for kill in kills if kill.problems],
    }


def _counts(values: "Sequence[str] | object") -> dict[str, int]:
    from collections import Counter

    return dict(sorted(Counter(values).items()))  # type: ignore[arg-type]
