"""Any sequence of runs, rollbacks, prunes, purges and open readers leaves exactly what plain dictionaries say."""

import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from ragchat.corpus.contract import Snapshot
from ragchat.corpus.values import Filters, View
from ragchat.documents import Document
from tests.corpus.contract.conftest import Implementation, Local, LocalInPieces, Memory
from tests.corpus.support import OPTIONS, Collection, match, nearest, stage, texts_of
from tests.support.vectors import make_document

KEYS = st.sampled_from("abcdef")
TEXTS = st.lists(st.sampled_from(["red apples", "blue boats", "cats sleep", "dogs run"]), max_size=4).map(
    "\n".join
)
Content = dict[str, str]
OPEN_AT_ONCE = 2


def document(key: str, text: str = "") -> Document:
    """Keys of the second half of the alphabet are for staff."""
    return make_document(key, text, acl=("staff",) if key > "c" else (), metadata={"half": int(key > "c")})


def only_open(content: Content) -> Content:
    return {key: text for key, text in content.items() if key <= "c"}


def lines(content: Content) -> int:
    return sum(len(text.splitlines()) for text in content.values())


@dataclass
class Model:
    """What the collection has to be: content by generation, what each was based on, what is current."""

    generations: dict[int, Content] = field(default_factory=dict)
    bases: dict[int, int | None] = field(default_factory=dict)
    settings: dict[int, dict[str, float]] = field(default_factory=dict)
    current: int | None = None
    published: int = 0

    @property
    def content(self) -> Content:
        return self.generations[self.current] if self.current is not None else {}

    def publish(self, content: Content, **new: float) -> int:
        inherited = self.settings[self.current] if self.current is not None else {}
        self.published += 1
        self.generations[self.published] = content
        self.bases[self.published] = self.current
        self.settings[self.published] = {**inherited, **new}
        self.current = self.published
        return self.published

    def prune(self, keep: int, held: set[int]) -> list[int]:
        kept = {*sorted(self.generations)[-keep:], self.current, *held}
        if keep > 1 and self.current is not None:
            kept.add(self.bases[self.current])
        return self.drop({number for number in self.generations if number not in kept})

    def drop(self, numbers: set[int]) -> list[int]:
        for number in numbers:
            del self.generations[number]
        return sorted(numbers)


class Generations(RuleBasedStateMachine):
    implementation: Implementation

    def __init__(self) -> None:
        super().__init__()
        self.directory = Path(tempfile.mkdtemp(prefix="ragchat-model-"))
        self.collection = Collection(self.implementation.stores(self.directory).store("test"))
        self.home = self.collection.home
        self.model = Model()
        self.readers: list[tuple[Snapshot, Content]] = []

    def teardown(self) -> None:
        for reader, _ in self.readers:
            reader.close()
        assert not self.home.exists() or self.home.verify().problems == ()
        self.home.close()
        shutil.rmtree(self.directory)

    # Runs

    @rule(
        changes=st.dictionaries(KEYS, TEXTS, max_size=4),
        removals=st.sets(KEYS, max_size=2),
        ends=st.sampled_from(["publish", "publish", "candidate", "leave", "leave built"]),
    )
    def run(self, changes: Content, removals: set[str], ends: str) -> None:
        before = self.model.content
        gone = {key for key in removals if key in before}
        after = {**{key: text for key, text in before.items() if key not in gone}, **changes}
        with self.home.run() as run:
            run.begin(self.collection.embedder.spec, OPTIONS)
            assert run.base == self.model.current
            for key in sorted(gone):
                run.remove(document(key).id)
            for key, text in changes.items():
                stage(run, self.collection.embedder, document(key, text))
            if ends == "leave":
                return
            assert run.build() is bool(changes or gone)
            if ends == "leave built":
                return
            if ends == "candidate" and self.model.current is not None:
                with run.open_candidate() as candidate:
                    self._is(candidate, after)
                assert self.home.current() == self.model.current
            info = run.publish()
        assert (info is not None) is bool(changes or gone)
        if info is not None:
            assert info.number == self.model.publish(after)
            self.model.prune(2, self._held())

    @precondition(lambda self: self.model.current is not None)
    @rule(value=st.integers(1, 3))
    def fit(self, value: int) -> None:
        info = self.collection.put({}, settings={"threshold": value / 4})
        changed = self.model.settings[self.model.current or 0].get("threshold") != value / 4
        assert (info is not None) is changed
        if changed:
            self.model.publish(self.model.content, threshold=value / 4)
            self.model.prune(2, self._held())

    @precondition(lambda self: self.model.content)
    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(sorted(self.model.content)))
        content = {name: text for name, text in self.model.content.items() if name != key}
        assert self.home.remove([document(key).id]).number == self.model.publish(content)
        self.model.prune(2, self._held())

    @precondition(lambda self: self.model.current is not None)
    @rule()
    def rebuild(self) -> None:
        number = self.model.publish(self.model.content)
        assert self.home.rebuild().number == number
        self.model.prune(2, self._held())

    # Going back, dropping

    @precondition(lambda self: len(self.model.generations) > 1)
    @rule(data=st.data())
    def roll_back(self, data: st.DataObject) -> None:
        self.model.current = data.draw(st.sampled_from(sorted(self.model.generations)))
        assert self.home.rollback(self.model.current).number == self.model.current

    @precondition(lambda self: self.model.current is not None)
    @rule(keep=st.integers(1, 3))
    def prune(self, keep: int) -> None:
        assert self.home.prune(keep) == self.model.prune(keep, self._held())

    @precondition(lambda self: self.model.content)
    @rule(data=st.data())
    def purge(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(sorted(self.model.content)))
        content = {name: text for name, text in self.model.content.items() if name != key}
        assert self.home.purge([document(key).id]).number == self.model.publish(content)
        kept = {info.number for info in self.home.generations()}
        holding = {number for number, each in self.model.generations.items() if key in each}
        assert not kept & holding
        self.model.drop(self.model.generations.keys() - kept)

    # Readers

    @precondition(lambda self: self.model.generations and len(self.readers) < OPEN_AT_ONCE)
    @rule(data=st.data())
    def open(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(sorted(self.model.generations)))
        self.readers.append((self.home.open(number), self.model.generations[number]))

    @precondition(lambda self: self.readers)
    @rule()
    def close(self) -> None:
        self.readers.pop(0)[0].close()

    # What has to hold

    @invariant()
    def every_generation_is_what_the_model_says(self) -> None:
        assert self.home.current() == self.model.current
        if self.model.current is None:
            return
        assert [info.number for info in self.home.generations()] == sorted(self.model.generations)
        for number, content in self.model.generations.items():
            with self.home.open(number) as generation:
                assert generation.settings == self.model.settings[number]
                self._is(generation, content)
                self._is(generation.narrowed(View(acl=())), only_open(content))

    @invariant()
    def open_readers_answer_as_before_but_for_what_is_purged_under_them(self) -> None:
        for reader, content in self.readers:
            if reader.number in self.model.generations:
                self._is(reader, content)
                continue
            assert texts_of(reader).items() <= content.items()
            assert {chunk.document.key for chunk in reader.sample(99, 1)} <= content.keys()

    def _held(self) -> set[int]:
        return {reader.number for reader, _ in self.readers} & self.model.generations.keys()

    def _is(self, generation: Snapshot, content: Content) -> None:
        assert texts_of(generation) == content
        assert generation.document_count == len(content)
        assert generation.chunk_count == generation.count(Filters()) == lines(content)
        assert len(match(generation, "apples", 100)) == sum(text.count("apples") for text in content.values())
        query = self.collection.embedder.embed_query("cats")
        assert len(nearest(generation, query, 100)) == lines(content)
        half = Filters(metadata={"half": (0,)})
        assert (
            len(nearest(generation, query, 100, half)) == generation.count(half) == lines(only_open(content))
        )


def machine(each: Implementation) -> type:
    """The test case of one store, with its own name so that failures tell whose they are."""
    found = type(f"Generations of {each.name}", (Generations,), {"implementation": each})
    found.TestCase.settings = settings(  # type: ignore[attr-defined]
        max_examples=10,
        stateful_step_count=12,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    return found.TestCase  # type: ignore[attr-defined, no-any-return]


TestLocal = machine(Local())
TestLocalInPieces = machine(LocalInPieces())
TestMemory = machine(Memory())
