"""Search inside a generation: by meaning, by words, filtered; many segments answer like one exact scan."""

from collections.abc import Callable

import numpy as np
import pytest

from ragchat.corpus.local.searching.snapshot import LocalSnapshot
from ragchat.corpus.local.words.pruning import clause, split
from ragchat.corpus.local.writing.material import title_words
from ragchat.corpus.values import Filters
from ragchat.errors import WrongEmbedder
from tests.corpus.local.conftest import Collection
from tests.corpus.support import OPTIONS, match, match_terms, matching, nearest, stage
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
        both = generation.find(query, terms, 10)
        assert both == (nearest(generation, query, 10), match_terms(generation, terms, 10))
        assert all(both)


def test_words_match_title_headings_and_text(collection: Collection) -> None:
    from ragchat.documents import Heading

    with collection.home.run() as writer:
        writer.begin(collection.embedder.spec, OPTIONS)
        text = "Warranty\nTwo years."
        stage(
            writer,
            collection.embedder,
            make_document("a.md", text, title="Kettle", headings=(Heading(0, 1, "Repairs"),)),
        )
        stage(writer, collection.embedder, make_document("b.md", "Something else."))
        writer.publish()
    with collection.home.open() as generation:
        for words in ("kettle", "repair", "warranties", "KETTLE!"):
            assert matching(generation, words) == ["a.md"]


@pytest.mark.parametrize(
    "query",
    ["", " ", "\x00", "AND OR NOT", '"', "title:(", "a:b:c ^^ ~2 *", "\\", "(((", "é" * 5000, "\ud800", "😀"],
)
def test_any_string_is_a_query_for_words(collection: Collection, query: str) -> None:
    collection.put({"a.md": "Apples are red."})
    with collection.home.open() as generation:
        assert match(generation, query, 5) == []


def test_limit_beyond_or_below_what_there_is(collection: Collection) -> None:
    collection.put({"a.md": "Apples are red.\nApples are green."})
    query = collection.embedder.embed_query("apples")
    with collection.home.open() as generation:
        assert len(nearest(generation, query, 1000)) == 2
        assert len(match(generation, "apples", 1000)) == 2
        assert nearest(generation, query, 0) == match(generation, "apples", 0) == []


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
        kept = generation.select(Filters(metadata={"kept": (True,)}))
        assert kept is not None
        chunks = generation.sample(generation.chunk_count, seed=0)
        allowed = {chunk.chunk_id for chunk in chunks if chunk.document.metadata["kept"]}
        assert kept.count == len(allowed)
        assert [hit.chunk_id for hit in nearest(generation, query, 15, kept)] == exact(
            generation, query, allowed
        )[:15]
        everything = [hit for hit in match(generation, "amber dune", 300) if hit.chunk_id in allowed]
        assert match(generation, "amber dune", 10, kept) == everything[:10]


def test_filters_combine_and_an_unknown_value_lets_nothing_through(collection: Collection) -> None:
    with collection.home.run() as writer:
        writer.begin(collection.embedder.spec, OPTIONS)
        for key, metadata, acl in (
            ("a.md", {"team": "sales", "year": 2024}, ()),
            ("b.md", {"team": "sales", "year": 2025}, ("staff",)),
            ("c.md", {"team": "support", "year": "2024"}, ("board", "staff")),
        ):
            stage(
                writer,
                collection.embedder,
                make_document(key, "Same words here.", metadata=metadata, acl=acl),
            )
        writer.publish()
    with collection.home.open() as generation:

        def keys(**parts: object) -> list[str]:
            selection = generation.select(Filters(**parts))  # type: ignore[arg-type]
            return sorted(
                chunk.document.key
                for chunk in generation.chunks(
                    [hit.chunk_id for hit in match(generation, "same words", 9, selection)]
                )
            )

        assert generation.select(Filters()) is None
        assert keys(metadata={"team": ("sales",)}) == ["a.md", "b.md"]
        assert keys(metadata={"team": ("sales", "support"), "year": (2024.0,)}) == ["a.md"]
        assert keys(metadata={"year": ("2024",)}) == ["c.md"]
        assert keys(acl=()) == ["a.md"]
        assert keys(acl=("staff",)) == ["a.md", "b.md", "c.md"]
        assert keys(acl=("board",), metadata={"team": ("support",)}) == ["c.md"]
        assert keys(uris=("a.md", "c.md"), acl=()) == ["a.md"]
        assert keys(document_ids=("nobody",)) == []
        assert keys(metadata={"team": ("nobody",)}) == []


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


@pytest.mark.parametrize(
    "vector",
    [np.zeros(15, np.float32), np.full(16, np.nan, np.float32), np.zeros((2, 2, 4), np.float32), np.zeros(0)],
    ids=["dimension", "nan", "shape", "empty"],
)
def test_query_vector_that_does_not_fit_is_a_named_error(collection: Collection, vector: np.ndarray) -> None:
    collection.put({"a.md": "Apples are red."})
    with collection.home.open() as generation, pytest.raises(WrongEmbedder):
        nearest(generation, vector, 5)


def test_idf_is_higher_for_rarer_words(collection: Collection) -> None:
    collection.put({"a.md": "common rare.\ncommon.\ncommon."})
    with collection.home.open() as generation:
        assert generation.idf("unseen") > generation.idf("rare") > generation.idf("common") > 0


def test_empty_collection_answers_with_nothing(collection: Collection) -> None:
    collection.put({"a.md": "Apples are red."})
    collection.put({"a.md": None})
    with collection.home.open() as generation:
        assert nearest(generation, collection.embedder.embed_query("apples"), 5) == []
        assert match(generation, "apples", 5) == []
        assert generation.documents() == generation.sample(3, seed=1) == []
        assert generation.select(Filters(acl=())).count == 0  # type: ignore[union-attr]


def test_words_of_the_path_find_a_file_and_count_once(collection: Collection) -> None:
    assert title_words("Form 10-K", "finance/acme_2018_10K.pdf") == "Form 10-K finance acme 2018 10K"
    assert title_words("Price list", "price-list.md") == "Price list"
    assert title_words("Refunds", "faq.jsonl#17") == "Refunds"
    collection.put({"finance/acme_2018_10K.md": "Revenue grew.", "finance/bolt_2018_10K.md": "Revenue grew."})
    with collection.home.open() as generation:
        assert generation.document_count == 2
        best = match(generation, "acme revenue", 1)[0]
        assert generation.chunks([best.chunk_id])[0].document.key == "finance/acme_2018_10K.md"
