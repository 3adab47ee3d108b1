"""LlamaIndex as its tutorials build it: VectorStoreIndex.from_documents with the default splitter and
store, persisted."""

from pathlib import Path

from shared import Search, documents, run, weights


def load() -> object:
    from llama_index.embeddings.huggingface import HuggingFaceEmbedding

    embedding = HuggingFaceEmbedding(model_name=str(weights()), device="cpu")
    embedding.get_query_embedding("warm up")
    return embedding


def index_of(
    embedding: object, directory: Path, folder: Path, splitters: list[object] | None
) -> tuple[int, dict[str, Search]]:
    """`splitters` None: the default one."""
    from llama_index.core import Document, VectorStoreIndex

    index = VectorStoreIndex.from_documents(
        [Document(text=d["content"], doc_id=d["id"]) for d in documents(directory)],
        embed_model=embedding,
        transformations=splitters,
    )
    index.storage_context.persist(persist_dir=str(folder))
    retrievers = {k: index.as_retriever(similarity_top_k=k) for k in (5, 30)}

    def dense(query: str, k: int) -> list[str]:
        return [found.node.ref_doc_id for found in retrievers[k].retrieve(query)]

    return len(index.docstore.docs), {"dense": dense}


def build(embedding: object, directory: Path, folder: Path) -> tuple[int, dict[str, Search]]:
    return index_of(embedding, directory, folder, None)


if __name__ == "__main__":
    run(load, build)
