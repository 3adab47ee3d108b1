"""The index inside LangChain."""

import pytest
from langchain_core.documents import Document
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import RunnablePassthrough

from ragchat.corpus.values import Filters
from ragchat.errors import UsageError
from ragchat.models.scripted import ScriptedChatModel
from ragchat.retrieval.langchain import RagchatRetriever, RagchatVectorStore
from ragchat.retrieval.search import Retriever


def test_a_chain_puts_the_passages_into_the_prompt(retriever: Retriever) -> None:
    model = ScriptedChatModel(script=["At dawn and at dusk."])
    prompt = ChatPromptTemplate.from_template("Context: {context}\nQuestion: {question}")

    def joined(documents: list[Document]) -> str:
        return "\n".join(document.page_content for document in documents)

    chain = (
        {
            "context": RagchatRetriever(retriever=retriever, top_k=2) | joined,
            "question": RunnablePassthrough(),
        }
        | prompt
        | model
        | StrOutputParser()
    )

    assert chain.invoke("When do cats hunt?") == "At dawn and at dusk."
    assert "They hunt at dawn and at dusk." in str(model.requests[0])


async def test_the_retriever_works_in_an_event_loop_and_filters(retriever: Retriever) -> None:
    adapter = RagchatRetriever(retriever=retriever, top_k=3, filters=Filters(metadata={"year": (2025,)}))

    found = await adapter.ainvoke("What does the basic plan cost?")

    assert [document.metadata["title"] for document in found] == ["Prices 2025"]


def test_documents_say_where_they_stand(retriever: Retriever) -> None:
    document = RagchatRetriever(retriever=retriever, top_k=1).invoke("How is the router reset?")[0]
    place = document.metadata

    text = retriever.snapshot.read_document(place["document_id"]).text
    assert document.page_content == text[place["start"] : place["end"]]
    assert document.id == f"{place['document_id']}:{place['start']}-{place['end']}"


def test_the_store_searches_with_scores_filters_and_thresholds(retriever: Retriever) -> None:
    store = RagchatVectorStore(retriever)

    scored = store.similarity_search_with_score(
        "What does the basic plan cost?", k=3, filter={"year": [2025, 2026]}
    )
    assert {document.metadata["year"] for document, _ in scored} == {2025, 2026}
    assert [score for _, score in scored] == sorted((score for _, score in scored), reverse=True)

    best = scored[0][1]
    above = store.as_retriever(
        search_type="similarity_score_threshold", search_kwargs={"score_threshold": best - 0.01, "k": 5}
    )
    assert above.invoke("What does the basic plan cost?")[0].metadata["year"] in (2025, 2026)
    assert len(store.embeddings.embed_query("cats")) == 384


def test_the_store_cannot_be_written_to(retriever: Retriever) -> None:
    store = RagchatVectorStore(retriever)

    with pytest.raises(UsageError, match="read-only"):
        store.add_texts(["more"])
    with pytest.raises(UsageError, match="read-only"):
        store.delete(["x"])
    with pytest.raises(UsageError, match="read-only"):
        RagchatVectorStore.from_texts(["x"], store.embeddings)
    with pytest.raises(UsageError, match="fetch_k"):
        store.similarity_search("x", fetch_k=3)
