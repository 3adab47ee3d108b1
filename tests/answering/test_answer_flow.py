"""One answer from question to terminal event, without a model, over a real index."""

import hashlib
from collections.abc import Sequence
from contextlib import aclosing
from itertools import pairwise

import pytest

from ragchat.answering.answer import Answerer, AnswerOptions, Turn
from ragchat.answering.events import Cited, Done, Error, Event, Sources, Start, Step, Token
from ragchat.answering.moderating.words import Moderation
from ragchat.answering.question.smalltalk import without_courtesy
from ragchat.corpus.values import Filters, Place
from ragchat.errors import IndexDamaged
from ragchat.retrieval.search import Enough, Retrieval, Retriever, SearchOptions

OPTIONS = AnswerOptions("message", "conversation")


async def ask(
    answerer: Answerer, question: str, history: Sequence[Turn] = (), options: AnswerOptions = OPTIONS
) -> list[Event]:
    async with aclosing(answerer.answer(question, history, options)) as events:
        return [event async for event in events]


def end(events: Sequence[Event]) -> Done:
    assert isinstance(events[-1], Done)
    return events[-1]


@pytest.fixture
def answerer(retriever: Retriever) -> Answerer:
    return Answerer(retriever=retriever)


async def test_start_comes_before_the_search_and_sources_before_the_first_token(answerer: Answerer) -> None:
    events = await ask(answerer, "How many days of annual leave does an employee have?")
    kinds = [event.type for event in events]
    assert kinds[0] == "start"
    assert kinds.index("sources") < kinds.index("token")
    assert kinds.count("done") == 1
    assert kinds[-1] == "done"


async def test_joined_tokens_are_the_response(answerer: Answerer) -> None:
    events = await ask(answerer, "How long are backups kept?")
    assert "".join(event.token for event in events if isinstance(event, Token)) == end(events).response


async def test_an_answer_quotes_the_document_word_for_word(answerer: Answerer, retriever: Retriever) -> None:
    done = end(await ask(answerer, "How long are backups of the order database kept?"))
    assert done.finish == "answered"
    assert "35 days" in done.response
    assert done.grounded == 1.0
    for citation in done.citations:
        stored = retriever.snapshot.read(
            [Place(citation.document.id, citation.span.start, citation.span.end)]
        )[0]
        assert citation.quote == stored
        assert citation.quote_sha256 == hashlib.sha256(stored.encode()).hexdigest()
        said = done.response[citation.answer_span.start : citation.answer_span.end]
        assert said.split() == stored.split()
        assert citation.verified
        assert citation.method == "extractive"


async def test_a_citation_follows_its_sentence_and_names_a_listed_source(answerer: Answerer) -> None:
    events = await ask(answerer, "What is the warranty of the bilge pump?")
    sources = next(event for event in events if isinstance(event, Sources)).sources
    for before, event in pairwise(events):
        if isinstance(event, Cited):
            assert isinstance(before, Token)
            assert event.citation.document.id == sources[event.citation.n - 1].document_id


async def test_a_question_outside_the_documents_is_refused_with_the_nearest_passages(
    answerer: Answerer,
) -> None:
    done = end(await ask(answerer, "Who won the football world cup in 1998?"))
    assert done.finish == "refused"
    assert done.refusal is not None
    assert done.refusal.reason in ("no_match", "low_support")
    assert done.refusal.next
    assert done.refusal.nearest
    assert done.response == done.refusal.message
    assert done.grounded is None
    assert not done.citations


@pytest.mark.parametrize("question", ["How many documents mention leave?", "How many pages are there?"])
async def test_a_count_over_the_collection_is_refused_as_aggregate(answerer: Answerer, question: str) -> None:
    refusal = end(await ask(answerer, question)).refusal
    assert refusal is not None
    assert refusal.reason == "aggregate"


async def test_all_of_something_is_answered_by_a_whole_table_only(answerer: Answerer) -> None:
    done = end(await ask(answerer, "List all plans"))
    assert done.finish == "answered"
    assert all(plan in done.response for plan in ("Skiff", "Ketch", "Brig"))
    refusal = end(await ask(answerer, "Give me a complete list of the employees")).refusal
    assert refusal is not None


async def test_a_question_without_a_subject_is_ambiguous(answerer: Answerer) -> None:
    refusal = end(await ask(answerer, "What about it?")).refusal
    assert refusal is not None
    assert refusal.reason == "ambiguous"


@pytest.mark.parametrize(
    "message", ["Hi", "hello there!", "Thanks a lot", "Good morning", "ok thanks", "Bye!"]
)
async def test_small_talk_is_replied_to_and_nothing_is_searched(answerer: Answerer, message: str) -> None:
    events = await ask(answerer, message)
    assert [event.type for event in events] == ["start", "token", "done"]
    assert end(events).finish == "answered"
    assert end(events).grounded is None


@pytest.mark.parametrize("message", ["Hi, how long are backups kept?", "Thanks. Who leads operations?"])
async def test_a_question_after_a_greeting_is_answered(answerer: Answerer, message: str) -> None:
    assert end(await ask(answerer, message)).citations


async def test_a_follow_up_is_searched_with_what_it_points_to(answerer: Answerer) -> None:
    history = [
        Turn("user", "How strong is the bilge pump BP-200?"),
        Turn("assistant", "It moves 40 litres a minute."),
    ]
    events = await ask(answerer, "How long is its warranty?", history)
    steps = [event for event in events if isinstance(event, Step) and event.name == "rewrite"]
    assert [step.state for step in steps] == ["started", "finished"]
    assert "24 months" in end(events).response


async def test_a_refusal_does_not_poison_the_next_turn(answerer: Answerer) -> None:
    history = [
        Turn("user", "Who won the football world cup in 1998?"),
        Turn("assistant", "The documents do not seem to answer this.", refused=True),
    ]
    done = end(await ask(answerer, "How long are backups of the order database kept?", history))
    assert done.finish == "answered"
    assert "35 days" in done.response


async def test_filters_bound_what_is_answered_from(answerer: Answerer, retriever: Retriever) -> None:
    documents = retriever.snapshot.documents()
    only = next(document.id for document in documents if document.key == "travel.md")
    options = AnswerOptions("message", "conversation", filters=Filters(document_ids=(only,)))
    events = await ask(answerer, "How long are backups of the order database kept?", options=options)
    sources = next(event for event in events if isinstance(event, Sources)).sources
    assert {source.document_id for source in sources} <= {only}


async def test_blocked_words_end_the_answer_before_the_search(retriever: Retriever) -> None:
    answerer = Answerer(retriever=retriever, moderation=Moderation(blocked=["swordfish"], flagged=["pump"]))
    events = await ask(answerer, "Is Swordfish the password of the pump?")
    assert end(events).finish == "blocked"
    assert not any(isinstance(event, Sources) for event in events)
    flagged = [event for event in events if isinstance(event, Step)]
    assert flagged[0].name == "moderation"


async def test_closing_at_any_point_is_clean(answerer: Answerer) -> None:
    total = len(await ask(answerer, "How long are backups kept?"))
    for taken in range(total + 1):
        async with aclosing(answerer.answer("How long are backups kept?", (), OPTIONS)) as events:
            for _ in range(taken):
                await anext(events, None)
        with pytest.raises(StopAsyncIteration):
            await anext(events)


class Broken(Retriever):
    """Search on an index whose files went bad while it was open."""

    def __init__(self, retriever: Retriever, error: Exception) -> None:
        super().__init__(retriever.snapshot, retriever.embedder)
        self.error = error

    def retrieve(self, query: str, options: SearchOptions, enough: Enough | None = None) -> Retrieval:
        raise self.error


@pytest.mark.parametrize(
    ("error", "code"),
    [(IndexDamaged("A segment is damaged."), "index_damaged"), (ZeroDivisionError(), "internal")],
)
async def test_a_failure_after_start_is_one_error_event(
    retriever: Retriever, error: Exception, code: str
) -> None:
    events = await ask(Answerer(retriever=Broken(retriever, error)), "How long are backups kept?")
    assert isinstance(events[0], Start)
    assert isinstance(events[-1], Error)
    assert events[-1].code == code
    assert "division" not in events[-1].message
    assert sum(isinstance(event, Done | Error) for event in events) == 1


def test_only_courtesy_around_a_question_is_taken_off() -> None:
    assert without_courtesy("Hi there, how long are backups kept? Thanks!") == "how long are backups kept?"
    assert (
        without_courtesy("Is it okay, please, to carry leave over?")
        == "Is it okay, please, to carry leave over?"
    )
