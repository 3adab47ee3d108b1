"""What a search promises, over a small library in a real index."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from small_library import LIBRARY

from ingest.run import ingest
from ragchat.corpus.local.store import LocalStore
from ragchat.corpus.values import Filters
from ragchat.errors import UsageError, WrongEmbedder
from ragchat.models.embedder import Embedder, EmbedderSpec
from ragchat.retrieval.search import RetrievedPassage, Retriever, SearchOptions


def keys(passages: Sequence[RetrievedPassage]) -> list[str]:
    return [passage.document.key.split("#")[1] for passage in passages]


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("How long until I get my cash back?", "refunds"),
        ("factory reset", "router"),
        ("xr2000", "router"),
        ("XR 2000", "router"),
        ("user name", "code"),
        ("client_id", "code"),
        ("how many days off do I get", "vacation"),
        ("when do felines go hunting", "cats"),
    ],
)
def test_finds_by_meaning_by_words_and_by_parts_of_identifiers(
    retriever: Retriever, query: str, wanted: str
) -> None:
    assert keys(retriever.search(query))[0] == wanted


def test_passages_come_best_first_with_scores_between_0_and_1(retriever: Retriever) -> None:
    passages = retriever.search("reset the router", SearchOptions(top_k=10))

    scores = [passage.score for passage in passages]
    assert scores == sorted(scores, reverse=True)
    assert 0.0 <= min(scores) <= max(scores) <= 1.0


def test_a_passage_is_exactly_its_span_and_so_are_its_sentences(retriever: Retriever) -> None:
    for passage in retriever.search("How is the router reset?", SearchOptions(top_k=10)):
        text = retriever.snapshot.read_document(passage.document.id).text
        assert passage.text == text[passage.start : passage.end]
        assert [sentence.text for sentence in passage.sentences] == [
            s.span.of(text) for s in passage.sentences
        ]
        assert passage.sentences[0].span.start == passage.whole.start
        assert passage.sentences[-1].span.end == passage.whole.end
        assert passage.whole.start <= passage.start < passage.end <= passage.whole.end


def test_the_explanation_adds_up_to_the_score(retriever: Retriever) -> None:
    best = retriever.search("How is the router reset?")[0]
    parts = best.explanation

    fused = (parts["meaning"] + parts["words"]) / 2
    assert parts["relative"] == pytest.approx((fused + 0.2 * parts["overlap"]) / 1.2)
    assert best.score == pytest.approx(parts["relative"] * parts["confidence"])
    assert parts["sentence"] == pytest.approx(max(sentence.score for sentence in best.sentences), abs=1e-5)
    assert parts["lexical"] > 0


def test_a_passage_is_cut_to_the_sentences_that_matter(retriever: Retriever) -> None:
    question = "How many screws does wall mounting need?"
    trimmed = retriever.search(question)[0]

    assert "Wall mounting needs two screws" in trimmed.text
    assert "flash memory" not in trimmed.text
    assert any("flash memory" in sentence.text for sentence in trimmed.sentences)


def test_a_passage_does_not_end_with_a_heading(tmp_path: Path, embedder: Embedder) -> None:
    page = tmp_path / "codes.md"
    page.write_text(
        "# Codes\n\nThe lamp shows a code when something is wrong with the sensor or with its surroundings.\n\n"
        "## E07: pairing lost\n\nHold the button for three seconds. The lamp turns green after a while.\n\n"
        "## E08: battery low\n\nPut in two new cells. The readings are kept while there is no power.\n"
    )
    home = LocalStore(tmp_path / "index")
    ingest([page], home, embedder)

    with home.open(embedder=embedder.spec) as generation:
        (best, *_) = Retriever(generation, embedder).search("E07")

    assert "E07" in best.text
    assert "Hold the button" in best.text


def test_a_passage_of_a_pdf_lies_on_the_page_that_it_names(tmp_path: Path, embedder: Embedder) -> None:
    report = Path(__file__).parents[2] / "corpus" / "reports" / "annual-safety-report-2025.pdf"
    home = LocalStore(tmp_path / "index")
    ingest([report], home, embedder)

    with home.open(embedder=embedder.spec) as generation:
        for query in ("What was done about accidents, noise and near misses?", "safety goals and results"):
            for passage in Retriever(generation, embedder).search(query, SearchOptions()):
                document = generation.read_document(passage.document.id)
                pages = {document.page_at(passage.start), document.page_at(passage.end - 1)}
                assert pages == {passage.page}


def test_scores_can_be_compared_between_questions(retriever: Retriever) -> None:
    answered = retriever.search("How many days of paid leave do employees have?")[0]
    unanswered = retriever.search("Who won the chess tournament in Oslo?")[0]

    assert answered.score > 2 * unanswered.score


def test_a_copy_is_left_out_but_not_one_whose_numbers_differ(retriever: Retriever) -> None:
    parking = keys(retriever.search("Where do visitors park?"))
    prices = keys(retriever.search("What does the basic plan cost?"))

    assert len({"copy-one", "copy-two"} & set(parking)) == 1
    assert {"prices-2025", "prices-2026"} <= set(prices)


def test_what_the_conversation_said_before_is_searched_along(retriever: Retriever) -> None:
    alone = retriever.search("And how long does that take?")
    followed = retriever.search("And how long does that take?", SearchOptions(context="Can I get a refund?"))

    assert keys(followed)[0] == "refunds"
    assert followed[0].score > alone[0].score


def test_the_question_weighs_more_than_what_was_said_before(retriever: Retriever) -> None:
    found = retriever.search(
        "How many days of paid leave are there?", SearchOptions(context="Can I get a refund?")
    )

    assert keys(found)[0] == "vacation"


def test_filters_apply_to_tags_and_to_metadata(retriever: Retriever) -> None:
    question = "At which band do salaries of engineers start?"
    trusted = retriever.search(question)
    public = retriever.search(question, SearchOptions(filters=Filters(acl=())))
    tagged = retriever.search(question, SearchOptions(filters=Filters(acl=("hr",))))
    of_2026 = retriever.search("basic plan", SearchOptions(filters=Filters(metadata={"year": (2026,)})))

    assert keys(trusted)[0] == keys(tagged)[0] == "secret"
    assert "secret" not in keys(public)
    assert keys(of_2026) == ["prices-2026"]


def test_everything_is_ranked_where_everything_is_asked_for(retriever: Retriever) -> None:
    found = keys(retriever.search("cats", SearchOptions(top_k=50)))

    copies = {"copy-one", "copy-two"}
    assert set(found) - copies == {str(document["id"]) for document in LIBRARY} - copies
    assert len(found) == len(set(found)) == len(LIBRARY) - 1


@pytest.mark.parametrize("query", ["", "  \n ", "\u200b"])
def test_a_query_of_nothing_finds_nothing_or_no_more_than_asked(retriever: Retriever, query: str) -> None:
    assert len(retriever.search(query)) <= 5


@pytest.mark.parametrize("query", ['"', "AND OR NOT", "title:x^2 ~ [a TO", "\ud800", "?" * 5000, "的" * 300])
def test_any_string_is_a_query(retriever: Retriever, query: str) -> None:
    assert all(0.0 <= passage.score <= 1.0 for passage in retriever.search(query))


def test_a_filter_that_lets_nothing_through_finds_nothing(retriever: Retriever) -> None:
    nowhere = Filters(document_ids=("no such document",))
    assert not retriever.search("cats", SearchOptions(filters=nowhere))


def test_the_number_of_passages_is_checked() -> None:
    with pytest.raises(UsageError, match="top_k"):
        SearchOptions(top_k=0)


def test_an_embedder_of_another_vector_space_is_refused(retriever: Retriever) -> None:
    class Other:
        spec = EmbedderSpec("other", "1", 384)

    with pytest.raises(WrongEmbedder):
        Retriever(retriever.snapshot, Other())  # type: ignore[arg-type]


def test_threads_get_the_same_answers_side_by_side(retriever: Retriever) -> None:
    questions = ["How is the router reset?", "When do cats hunt?", "paid leave", "refund"] * 8
    alone = [keys(retriever.search(question)) for question in questions]

    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda question: keys(retriever.search(question)), questions))

    assert together == alone
