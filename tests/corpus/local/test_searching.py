"""Search inside a generation: by meaning, by words, filtered; many segments answer like one exact scan."""

from collections.abc import Callable

import numpy as np
import pytest

from ragchat.corpus.local.searching.snapshot import LocalSnapshot
from ragchat.corpus.local.words.pruning import clause, split
from ragchat.corpus.values import Filters, Wanted
from tests.corpus.local.conftest import Collection
from tests.corpus.support import OPTIONS, match, match_terms, nearest, stage
from tests.support.vectors import make_document

WORDS = (
    "amber",
    "basil",
    "cedar",
    "dune",
    "ember",
    "fjord",
    "grove",
    "harbor",
    "iris",
    "jasper",
    "kelp",
    "opal",
)


def many_texts(count: int, seed: int = 1) -> dict[str, str | None]:
    random = np.random.default_rng(seed)
    return {
        f"d{number:03d}.md": "\n".join(" ".join(random.choice(WORDS, 6)) + f" n{number}." for _ in range(5))
        for number in range(count)
    }


def exact(generation: LocalSnapshot, query: np.ndarray, allowed: set[int] | None = None) -> list[int]:
    """Chunk ids by cosine, computed from the catalog's rows."""
    chunks = generation.sample(generation.chunk_count, seed=0)
    scores = {chunk.chunk_id: float(chunk.vector @ query) for chunk in chunks}
    kept = [chunk_id for chunk_id in scores if allowed is None or chunk_id in allowed]
    return sorted(kept, key=lambda chunk_id: (-round(scores[chunk_id], 6), chunk_id))


def test_nearest_is_the_exact_cosine_order_over_several_segments(
    make_collection: Callable[..., Collection],
) -> None:
    collection = make_collection(segment_rows=16, rewrite_rows=0, dead_share=0.9)
    collection.put(many_texts(30))
    collection.put({"d003.md": None, "d007.md": "amber basil.", "new.md": "opal kelp."})
    query = collection.embedder.embed_query("amber basil cedar")
    with collection.home.open() as generation:
        assert len(generation.manifest.segments) > 5
        hits = nearest(generation, query, 20)
        assert [hit.chunk_id for hit in hits] == exact(generation, query)[:20]
        assert hits == sorted(hits, key=lambda hit: (-hit.score, hit.chunk_id))
        assert -1.0 <= hits[-1].score <= hits[0].score <= 1.001


def test_both_searches_side_by_side_find_what_each_finds_alone(
    make_collection: Callable[..., Collection],
) -> None:
    collection = make_collection(segment_rows=16, rows_a_thread=32)
    collection.put(many_texts(30))
    terms = {"amber": 1.0, "kelp": 0.5}
    query = collection.embedder.embed_query("amber kelp")
    with collection.home.open() as generation:
        both = generation.find(Wanted(query, terms, hits=10))
        assert both.near == tuple(nearest(generation, query, 10)) != ()
        assert both.worded == tuple(match_terms(generation, terms, 10)) != ()


@pytest.mark.parametrize("term_set_versions", [0, 1024], ids=["asking for more", "term set"])
@pytest.mark.parametrize("every", [2, 20])
def test_filtered_search_finds_exactly_the_best_of_what_passes(
    make_collection: Callable[..., Collection], term_set_versions: int, every: int
) -> None:
    collection = make_collection(segment_rows=32, term_set_versions=term_set_versions)
    with collection.home.run() as writer:
        writer.begin(collection.embedder.spec, OPTIONS)
        for number, (key, text) in enumerate(many_texts(60).items()):
            document = make_document(key, text or "", metadata={"kept": number % every == 0})
            stage(writer, collection.embedder, document)
        writer.publish()
    query = collection.embedder.embed_query("amber dune")
    with collection.home.open() as generation:
        kept = Filters(metadata={"kept": (True,)})
        chunks = generation.sample(generation.chunk_count, seed=0)
        allowed = {chunk.chunk_id for chunk in chunks if chunk.document.metadata["kept"]}
        assert generation.count(kept) == len(allowed)
        assert [hit.chunk_id for hit in nearest(generation, query, 15, kept)] == exact(
            generation, query, allowed
        )[:15]
        everything = [hit for hit in match(generation, "amber dune", 300) if hit.chunk_id in allowed]
        assert match(generation, "amber dune", 10, kept) == everything[:10]


def test_coded_segments_answer_like_the_exact_scan_and_follow_removals(
    make_collection: Callable[..., Collection],
) -> None:
    collection = make_collection(coded_rows=64, segment_rows=128, rewrite_rows=0, dead_share=0.9)
    collection.put(many_texts(100))
    query = collection.embedder.embed_query("ember fjord grove")
    with collection.home.open() as generation:
        assert [segment.coded for segment in generation.manifest.segments] == [True, True, True, True]
        found = [hit.chunk_id for hit in nearest(generation, query, 20)]
        assert found == exact(generation, query)[:20]
        best = generation.chunks(found[:1])[0].document.key
    collection.put({best: None, "added.md": "ember fjord grove."})
    with collection.home.open() as generation:
        assert [segment.coded for segment in generation.manifest.segments].count(False) == 1
        found = [hit.chunk_id for hit in nearest(generation, query, 20)]
        assert found == exact(generation, query)[:20]
        keys = [chunk.document.key for chunk in generation.chunks(found)]
        assert keys[0] == "added.md"
        assert best not in keys


def test_codes_are_linked_with_their_rows_and_made_when_segments_grow_together(
    make_collection: Callable[..., Collection],
) -> None:
    collection = make_collection(coded_rows=20, merge_fanout=3, rewrite_rows=0, dead_share=0.9)

    def codes() -> set[str]:
        with collection.home.open() as generation:
            return {name for name in generation.manifest.files if name.endswith(".codes")}

    ten_lines = {f"{name}.md": "\n".join(f"{word} {name}." for word in WORDS[:10]) for name in "abc"}
    for key, text in ten_lines.items():
        collection.put({key: text})
        assert bool(codes()) is (key == "c.md")
    grown = codes()
    assert len(grown) == 1
    collection.put({"d.md": "jasper."})
    assert codes() == grown


def test_common_words_set_aside_change_no_hit(collection: Collection) -> None:
    random = np.random.default_rng(5)
    texts = {
        f"{number:03d}.md": "\n".join(
            f"kettle {'boiler ' * int(random.integers(0, 3))}{'sieve ' if random.random() < 0.03 else ''}"
            f"{'ladle ' if random.random() < 0.3 else ''}{' '.join(random.choice(WORDS, 4))}."
            for _ in range(20)
        )
        for number in range(60)
    }
    collection.put(texts)
    with collection.home.open() as generation:
        pruned = split(generation.words._clauses({"siev": 1.0, "kettl": 1.0, "boiler": 1.0, "ladl": 1.0}), 10)
        assert [each.term for each in pruned.telling] == ["siev"]
        for words in ("sieve kettle boiler ladle", "sieve kettle", "kettle boiler", "ladle amber kettle"):
            everything = match(generation, words, generation.chunk_count)
            for limit in (1, 10, 100):
                hits = match(generation, words, limit)
                assert [hit.score for hit in hits] == pytest.approx([h.score for h in everything[:limit]])
                certain = [hit.chunk_id for hit in everything if hit.score > hits[-1].score + 1e-4]
                assert {hit.chunk_id for hit in hits} >= set(certain)


def test_words_are_set_aside_only_if_chunks_without_the_others_cannot_win() -> None:
    rare, common = clause("body", "rare", 1.0, 50, 10_000), clause("body", "common", 1.0, 9_000, 10_000)
    assert split([common, rare], 20).telling == (rare,)
    assert 2.2 * common.score < split([common, rare], 20).bound < rare.score
    assert split([common, rare], 60).aside == ()
    heavy = clause("body", "common", 40.0, 9_000, 10_000)
    assert split([heavy, rare], 20).aside == ()
    nearly = clause("body", "less", 1.0, 4_000, 10_000)
    assert split([nearly, common], 20).aside == ()
