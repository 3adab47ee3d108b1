"""What is quoted, over real documents: whole blocks with what makes them readable, exact to the character."""

from asking import ask, end

from ragchat.answering.answer import Answerer
from ragchat.answering.events import Done
from ragchat.corpus.values import Place
from ragchat.retrieval.search import Retriever

LONGEST = 250


async def answer(retriever: Retriever, question: str) -> Done:
    return end(await ask(Answerer(retriever=retriever), question))


async def test_a_table_row_comes_with_its_header(retriever: Retriever) -> None:
    text = (await answer(retriever, "What does the plan Ketch cost per month?")).response
    assert "| Plan  | Price per month | Users |" in text
    assert "| Ketch | 49              | 25    |" in text


async def test_a_list_comes_whole_with_its_lead_in(retriever: Retriever) -> None:
    text = (await answer(retriever, "How do I reset my password?")).response
    steps = ["Open the sign-in page", "Enter the address", "Follow the link in the mail within 30 minutes"]
    assert [text.index(step) for step in steps] == sorted(text.index(step) for step in steps)


async def test_hard_wrapped_prose_reads_on_one_line(retriever: Retriever) -> None:
    text = (await answer(retriever, "Until when may leave days be carried over?")).response
    assert "carried over until 31 March" in text


async def test_every_quote_is_the_stored_text_and_marks_the_deciding_sentence(retriever: Retriever) -> None:
    done = await answer(retriever, "How many wrong passwords lock an account?")
    assert done.citations
    for citation in done.citations:
        place = Place(citation.document.id, citation.span.start, citation.span.end)
        assert retriever.snapshot.read([place]) == [citation.quote]
    keys = [c.quote[c.key_span.start : c.key_span.end] for c in done.citations if c.key_span is not None]
    assert all(key in done.response.replace("\n", " ") or key in done.response for key in keys)


async def test_an_answer_stays_short(retriever: Retriever) -> None:
    done = await answer(retriever, "How long does parental leave last?")
    assert "36 months" in done.response
    assert len(done.response.split()) <= LONGEST


async def test_the_first_citation_has_number_one(retriever: Retriever) -> None:
    for question in ("What does the plan Brig cost?", "Who leads the operations team?"):
        done = await answer(retriever, question)
        numbers = list(dict.fromkeys(citation.n for citation in done.citations))
        assert numbers == list(range(1, len(numbers) + 1))
