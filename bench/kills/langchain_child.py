"""What is killed for comparison: an in-process LangChain FAISS store that is saved again and again with save_local."""

import sys
from collections.abc import Sequence

import numpy as np
from langchain_core.embeddings import Embeddings

DIMENSION = 384


class NumberedEmbeddings(Embeddings):
    """A vector from the text's hash: fast, and the same in every process."""

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [self.embed_query(text) for text in texts]

    def embed_query(self, text: str) -> list[float]:
        number = int.from_bytes(text.encode()[-8:], "little")
        vector: list[float] = np.random.default_rng(number).standard_normal(DIMENSION).tolist()
        return vector


def main(arguments: Sequence[str]) -> None:
    """Adds ten texts and saves, for ever; says "saving N" and "saved N" with N the number of texts."""
    from langchain_community.vectorstores import FAISS

    directory, texts = arguments[0], int(arguments[1])
    store = FAISS.from_texts([f"text {number:08d}" for number in range(texts)], NumberedEmbeddings())
    while True:
        print(f"saving {texts}", flush=True)
        store.save_local(directory)
        print(f"saved {texts}", flush=True)
        store.add_texts([f"text {number:08d}" for number in range(texts, texts + 10)])
        texts += 10


if __name__ == "__main__":
    main(sys.argv[1:])
