"""Any sequence of runs, rollbacks, prunes and purges leaves exactly what a dictionary of dictionaries says."""

import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from ragchat.corpus.local.files.tuning import Tuning
from ragchat.corpus.local.store import LocalStore
from tests.corpus.support import Collection, match, nearest
from tests.support.vectors import make_document

KEYS = st.sampled_from("abcdef")
TEXTS = st.lists(st.sampled_from(["red apples", "blue boats", "cats sleep", "dogs run"]), max_size=4).map(
    "\n".join
)


class Generations(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.directory = Path(tempfile.mkdtemp(prefix="ragchat-model-"))
        tuning = Tuning(
            segment_rows=20, merge_fanout=3, rewrite_rows=2, rewrite_words_chunks=3, coded_rows=16
        )
        self.collection = Collection(LocalStore(self.directory / "test", tuning=tuning))
        self.model: dict[int, dict[str, str]] = {}
        self.current: int | None = None
        self.bases: dict[int, int | None] = {}
        self.published = 0

    def teardown(self) -> None:
        self.collection.home.close()
        shutil.rmtree(self.directory)

    @rule(changes=st.dictionaries(KEYS, TEXTS, min_size=1, max_size=4), removals=st.sets(KEYS, max_size=2))
    def run(self, changes: dict[str, str], removals: set[str]) -> None:
        before = self.model.get(self.current or 0, {})
        gone = {key for key in removals if key in before and key not in changes}
        info = self.collection.put({**changes, **dict.fromkeys(sorted(gone))})
        assert info is not None
        self._publish(info.number, {**{k: v for k, v in before.items() if k not in gone}, **changes})
        self._prune(2)

    def _publish(self, number: int, content: dict[str, str]) -> None:
        self.published += 1
        assert number == self.published
        self.model[number] = content
        self.bases[number] = self.current
        self.current = number

    def _prune(self, keep: int) -> None:
        kept = {*sorted(self.model)[-keep:], self.current}
        if keep > 1 and self.current is not None:
            kept.add(self.bases[self.current])
        self.model = {number: content for number, content in self.model.items() if number in kept}

    @precondition(lambda self: len(self.model) > 1)
    @rule(data=st.data())
    def roll_back(self, data: st.DataObject) -> None:
        self.current = data.draw(st.sampled_from(sorted(self.model)))
        assert self.collection.home.rollback(self.current).number == self.current

    @precondition(lambda self: self.current is not None)
    @rule(keep=st.integers(1, 3))
    def prune(self, keep: int) -> None:
        before = set(self.model)
        self._prune(keep)
        assert set(self.collection.home.prune(keep)) == before - set(self.model)

    @precondition(lambda self: self.model.get(self.current or 0))
    @rule(data=st.data())
    def purge(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(sorted(self.model[self.current or 0])))
        content = {name: text for name, text in self.model[self.current or 0].items() if name != key}
        info = self.collection.home.purge([make_document(key, "").id])
        self._publish(info.number, content)
        assert all(
            key not in self.collection.texts(kept.number) for kept in self.collection.home.generations()
        )
        self.model = {kept.number: self.model[kept.number] for kept in self.collection.home.generations()}

    @precondition(lambda self: self.current is not None)
    @rule()
    def rebuild(self) -> None:
        content = self.model[self.current or 0]
        self._publish(self.collection.home.rebuild().number, content)
        self._prune(2)

    @invariant()
    def index_is_what_the_model_says(self) -> None:
        assert self.collection.home.current() == self.current
        if self.current is None:
            return
        numbers = [info.number for info in self.collection.home.generations()]
        assert numbers == sorted(self.model)
        for number, content in self.model.items():
            assert self.collection.texts(number) == content
            with self.collection.home.open(number) as generation:
                assert generation.chunk_count == sum(len(text.splitlines()) for text in content.values())
                hits = match(generation, "apples", 100)
                assert len(hits) == sum(text.count("apples") for text in content.values())
                assert (
                    len(nearest(generation, self.collection.embedder.embed_query("cats"), 100))
                    == generation.chunk_count
                )
        assert self.collection.home.verify().problems == ()


Generations.TestCase.settings = settings(
    max_examples=12,
    stateful_step_count=10,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
TestGenerations = Generations.TestCase
