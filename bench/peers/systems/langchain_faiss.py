"""LangChain as its tutorials build it: RecursiveCharacterTextSplitter 1000/200, HuggingFaceEmbeddings, FAISS with
save_local; and the EnsembleRetriever over that and BM25Retriever, weights one half each."""

from pathlib import Path

from shared import Search, documents, run, weights


def load() -> object:
    from langchain_huggingface import HuggingFaceEmbeddings

    embeddings = HuggingFaceEmbeddings(model_name=str(weights()), model_kwargs={"device": "cpu"})
    embeddings.embed_query("warm up")
    return embeddings


def build(embeddings: object, directory: Path, folder: Path) -> tuple[int, dict[str, Search]]:
    from langchain_classic.retrievers import EnsembleRetriever
    from langchain_community.retrievers import BM25Retriever
    from langchain_community.vectorstores import FAISS
    from langchain_core.documents import Document
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    splitter = RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=200)
    chunks = splitter.split_documents(
        [Document(page_content=d["content"], metadata={"id": d["id"]}) for d in documents(directory)]
    )
    store = FAISS.from_documents(chunks, embeddings)
    store.save_local(str(folder))
    words = BM25Retriever.from_documents(chunks)

    def dense(query: str, k: int) -> list[str]:
        return [found.metadata["id"] for found in store.similarity_search(query, k=k)]

    def hybrid(query: str, k: int) -> list[str]:
        words.k = k
        ensemble = EnsembleRetriever(
            retrievers=[words, store.as_retriever(search_kwargs={"k": k})], weights=[0.5, 0.5]
        )
        return [found.metadata["id"] for found in ensemble.invoke(query)]

    return len(chunks), {"dense": dense, "hybrid": hybrid}


if __name__ == "__main__":
    run(load, build)
