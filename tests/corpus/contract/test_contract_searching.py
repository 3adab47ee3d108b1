"""`find`, `idf`, `count`: both searches and the rows of their best in one call, whatever the store is made of."""

import math
from collections import Counter

import numpy as np
import pytest

from ragchat.corpus.contract import Snapshot
from ragchat.corpus.fields import FIELD_BOOSTS, MOST_TERMS, title_words
from ragchat.corpus.first_stage import worth_reading
from ragchat.corpus.values import Filters, Found, Wanted
from ragchat.documents import Heading
from ragchat.errors import WrongEmbedder
from tests.corpus.support import (
    OPTIONS,
    Collection,
    keys_of,
    match,
    match_terms,
    matching,
    nearest,
    stage,
)
from tests.support.vectors import make_document

WORDS = ("amber", "basil", "cedar", "dune", "ember", "fjord", "grove", "harbor", "iris", "jasper")
BIG = 1_000


def many_texts(count: int) -> dict[str, str | None]:
    random = np.random.default_rng(7)
    return {
        f"d{n:02d}.md": "\n".join(" ".join(random.choice(WORDS, 5)) + f" n{n}." for _ in range(4))
        for n in range(count)
    }


def found(generation: Snapshot, collection: Collection, words: str, **options: object) -> Found:
    terms = dict.fromkeys(words.split(), 1.0)
    return generation.find(Wanted(collection.embedder.embed_query(words), terms, **options))  # type: ignore[arg-type]


# By meaning


def test_near_is_the_exact_cosine_order_of_everything_that_lives(collection: Collection) -> None:
    collection.put(many_texts(12))
    collection.put({"d03.md": None, "d07.md": "amber basil.", "new.md": "grove iris."})
    query = collection.embedder.embed_query("amber basil cedar")
    with collection.home.open() as generation:
        cosines = {each.chunk_id: float(each.vector @ query) for each in generation.sample(BIG, seed=0)}
        hits = nearest(generation, query, BIG)
        assert [hit.chunk_id for hit in nearest(generation, query * 3, BIG)] == [hit.chunk_id for hit in hits]
        assert {hit.chunk_id for hit in hits} == set(cosines)
        assert [hit.score for hit in hits] == pytest.approx(sorted(cosines.values(), reverse=True), abs=2e-3)
        assert all(hit.score == pytest.approx(cosines[hit.chunk_id], abs=2e-3) for hit in hits)
        assert hits[0].score <= 1.001
        assert nearest(generation, query, 5) == hits[:5]


def test_equal_scores_come_in_the_order_of_chunk_ids(collection: Collection) -> None:
    same = "Kettles boil water."
    collection.put_documents(*(make_document(f"q#{n}", same, title="Same") for n in range(9)))
    with collection.home.open() as generation:
        for hits in (nearest(generation, np.ones(16, np.float32), 7), match(generation, "kettles", 7)):
            ids = [hit.chunk_id for hit in hits]
            assert len({round(hit.score, 5) for hit in hits}) == 1
            assert ids == sorted(ids)
            assert ids == sorted(each.chunk_id for each in generation.sample(BIG, seed=0))[:7]


def test_floor_is_the_cosine_of_the_question_with_the_mean_vector(collection: Collection) -> None:
    collection.put(many_texts(5))
    collection.put({"d01.md": None})
    query = collection.embedder.embed_query("fjord grove")
    with collection.home.open() as generation:
        mean = np.mean([each.vector for each in generation.sample(BIG, seed=0)], axis=0)
        floor = generation.find(Wanted(2 * query, {})).floor
        assert floor == pytest.approx(float(mean @ query), abs=2e-3)


# By words


def test_words_are_scored_by_bm25_in_three_fields(collection: Collection) -> None:
    """The formula of `ragchat.corpus.fields`, worked out here on a collection from which nothing was removed."""
    collection.put({"one.md": "kettle boil.\nkettle kettle.", "two.md": "ladle.\nboil boil boil sieve."})
    with collection.home.open() as generation:
        chunks = generation.sample(BIG, seed=0)
        bodies = {each.chunk_id: each.text.rstrip(".").replace("kettle", "kettl").split() for each in chunks}
        bodies = {i: ["sieve" if w == "siev" else w for w in words] for i, words in bodies.items()}
        average = sum(map(len, bodies.values())) / len(bodies)

        def bm25(term: str, words: list[str]) -> float:
            holding, times = sum(term in each for each in bodies.values()), words.count(term)
            idf = math.log(1 + (len(bodies) - holding + 0.5) / (holding + 0.5))
            return idf * 2.2 * times / (times + 1.2 * (0.25 + 0.75 * len(words) / average))

        expected = {i: 2.0 * bm25("kettl", words) + 0.5 * bm25("boil", words) for i, words in bodies.items()}
        hits = match_terms(generation, {"kettl": 2.0, "boil": 0.5}, 9)
        assert {hit.chunk_id: hit.score for hit in hits} == pytest.approx(
            {i: score for i, score in expected.items() if score}, rel=1e-4
        )
    assert dict(FIELD_BOOSTS) == {"title": 0.5, "headings": 0.5, "body": 1.0}


def test_heavier_terms_weigh_more_and_only_the_heaviest_are_looked_up(collection: Collection) -> None:
    collection.put({"a.md": "apples.", "b.md": "boats."})
    with collection.home.open() as generation:
        assert keys_of(generation, match_terms(generation, {"appl": 1.0, "boat": 3.0}, 9)) == ["b.md", "a.md"]
        crowd = {f"w{n}": 2.0 for n in range(MOST_TERMS)}
        assert match_terms(generation, {**crowd, "appl": 1.0}, 9) == []
        assert keys_of(generation, match_terms(generation, {**crowd, "appl": 3.0}, 9)) == ["a.md"]


def test_unicode_words_are_found_in_any_spelling_of_the_same_letters(collection: Collection) -> None:
    collection.put(
        {"a.md": "Café crème à gogo.", "b.md": "Жук и лук.", "c.md": "東京都の天気。", "d.md": "🍐 pear."}
    )
    with collection.home.open() as generation:
        assert matching(generation, "CAFE\u0301 creme") == ["a.md"]
        assert matching(generation, "жук") == ["b.md"]
        assert matching(generation, "東京") == ["c.md"]
        assert matching(generation, "🍐") == []


def test_no_terms_or_none_that_stands_anywhere_find_nothing_by_words(collection: Collection) -> None:
    collection.put({"a.md": "Apples are red."})
    with collection.home.open() as generation:
        for terms in ({}, {"unheard": 1.0}, {"": 1.0}, {"two words": 1.0}):
            assert match_terms(generation, terms, 5) == []


# Both, and the rows of the best


def test_rows_read_are_the_best_of_both_searches_in_the_order_of_the_first_stage(
    collection: Collection,
) -> None:
    collection.put(many_texts(12))
    with collection.home.open() as generation:
        seen = found(generation, collection, "amber kelp fjord", hits=15, read=6)
        order = worth_reading(seen.near, seen.worded, seen.floor)
        assert [chunk.chunk_id for chunk in seen.chunks] == order[:6]
        assert len(seen.near) == 15
        assert all(chunk.vector.shape == (16,) for chunk in seen.chunks)
        documents = {chunk.document.id for chunk in seen.chunks}
        assert seen.structures == generation.structures(documents)
        assert seen.structures.keys() == documents


def test_nothing_is_read_that_was_not_asked_for(collection: Collection) -> None:
    collection.put(many_texts(3))
    with collection.home.open() as generation:
        seen = found(generation, collection, "amber", hits=0, read=5)
        assert (seen.near, seen.worded, seen.chunks, dict(seen.structures)) == ((), (), (), {})
        seen = found(generation, collection, "amber", hits=4, read=0)
        assert len(seen.near) == 4
        assert seen.chunks == ()


@pytest.mark.parametrize("every", [1, 2, 6, 12])
def test_filters_hold_inside_the_search_however_few_pass(collection: Collection, every: int) -> None:
    texts = many_texts(24)
    collection.put_documents(
        *(
            make_document(key, text or "", metadata={"kept": n % every == 0})
            for n, (key, text) in enumerate(texts.items())
        )
    )
    filters = Filters(metadata={"kept": (True,)})
    query = collection.embedder.embed_query("amber dune")
    with collection.home.open() as generation:
        allowed = {e.chunk_id for e in generation.sample(BIG, seed=0) if e.document.metadata["kept"]}
        assert generation.count(filters) == len(allowed) == 4 * len(range(0, 24, every))
        for limit in (1, 5, BIG):
            near = [hit for hit in nearest(generation, query, BIG) if hit.chunk_id in allowed]
            assert nearest(generation, query, limit, filters) == near[:limit]
            worded = [hit for hit in match(generation, "amber dune", BIG) if hit.chunk_id in allowed]
            assert match(generation, "amber dune", limit, filters) == worded[:limit]
        chunks = generation.find(Wanted(query, {"amber": 1.0}, read=50, filters=filters)).chunks
        assert {chunk.chunk_id for chunk in chunks} <= allowed


# What a word is worth


def test_idf_counts_living_chunks_in_the_field_where_most_hold_the_term(collection: Collection) -> None:
    headed = make_document(
        "h.md", "Kettle\nboil.\nboil.\npour.", headings=(Heading(0, 1, "Kettle"),), title="Guide"
    )
    collection.put_documents(headed, make_document("p.md", "pour.", title="Note"))
    with collection.home.open() as generation:
        entries = generation.chunk_count
        holding = {"kettl": 4, "boil": 2, "pour": 2, "guid": 4, "unheard": 0}
        worth = {term: math.log(1 + (entries - n + 0.5) / (n + 0.5)) for term, n in holding.items()}
        assert generation.idf(holding) == pytest.approx(worth)
        assert generation.idf([]) == {}


def test_idf_is_exact_after_removals_and_whatever_the_view(collection: Collection) -> None:
    collection.put({f"{n}.md": "common rare.\ncommon." if n < 3 else "common.\nkettle." for n in range(12)})
    for n in (0, 4, 5):
        collection.put({f"{n}.md": None, f"new{n}.md": "fresh common."})
    with collection.home.open() as generation:
        texts = [Counter(chunk.text.strip(".").split()) for chunk in generation.sample(BIG, seed=0)]
        for term, stem in (("common", "common"), ("rare", "rare"), ("fresh", "fresh"), ("kettle", "kettl")):
            n, entries = sum(term in text for text in texts), len(texts)
            assert generation.idf([stem])[stem] == pytest.approx(
                math.log(1 + (entries - n + 0.5) / (n + 0.5))
            )


def test_words_match_title_headings_and_text(collection: Collection) -> None:
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
            selection = Filters(**parts)  # type: ignore[arg-type]
            return sorted(
                chunk.document.key
                for chunk in generation.chunks(
                    [hit.chunk_id for hit in match(generation, "same words", 9, selection)]
                )
            )

        assert keys() == ["a.md", "b.md", "c.md"]
        assert keys(metadata={"team": ("sales",)}) == ["a.md", "b.md"]
        assert keys(metadata={"team": ("sales", "support"), "year": (2024.0,)}) == ["a.md"]
        assert keys(metadata={"year": ("2024",)}) == ["c.md"]
        assert keys(acl=()) == ["a.md"]
        assert keys(acl=("staff",)) == ["a.md", "b.md", "c.md"]
        assert keys(acl=("board",), metadata={"team": ("support",)}) == ["c.md"]
        assert keys(uris=("a.md", "c.md"), acl=()) == ["a.md"]
        assert keys(document_ids=("nobody",)) == []
        assert keys(metadata={"team": ("nobody",)}) == []


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
        idf = generation.idf(["unseen", "rare", "common"])
        assert idf["unseen"] > idf["rare"] > idf["common"] > 0


def test_empty_collection_answers_with_nothing(collection: Collection) -> None:
    collection.put({"a.md": "Apples are red."})
    collection.put({"a.md": None})
    with collection.home.open() as generation:
        assert nearest(generation, collection.embedder.embed_query("apples"), 5) == []
        assert match(generation, "apples", 5) == []
        assert generation.documents() == generation.sample(3, seed=1) == []
        assert generation.count(Filters()) == generation.count(Filters(acl=())) == 0
        assert generation.document_count == generation.chunk_count == 0
        assert generation.find(Wanted(collection.embedder.embed_query("apples"), {"appl": 1.0})).floor == 0
        assert generation.idf(["appl"])["appl"] > 0


def test_words_of_the_path_find_a_file_and_count_once(collection: Collection) -> None:
    assert title_words("Form 10-K", "finance/acme_2018_10K.pdf") == "Form 10-K finance acme 2018 10K"
    assert title_words("Price list", "price-list.md") == "Price list"
    assert title_words("Refunds", "faq.jsonl#17") == "Refunds"
    collection.put({"finance/acme_2018_10K.md": "Revenue grew.", "finance/bolt_2018_10K.md": "Revenue grew."})
    with collection.home.open() as generation:
        assert generation.document_count == 2
        best = match(generation, "acme revenue", 1)[0]
        assert generation.chunks([best.chunk_id])[0].document.key == "finance/acme_2018_10K.md"
