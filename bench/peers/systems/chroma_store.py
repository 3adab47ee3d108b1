"""Chroma as its tutorials build it: a persistent collection with the default embedding function (ONNX MiniLM), fed with
the chunks of RecursiveCharacterTextSplitter 1000/200 in batches of 500. The default function downloads its model; here
the same weights are exported to ONNX in full precision beforehand and put where it looks for them."""

import itertools
import shutil
import sys
from pathlib import Path

from shared import Search, documents, run, weights

BATCH = 500


def export(folder: Path) -> None:
    """The weights as the ONNX model that Chroma's function expects: last hidden state of ids, mask and types."""
    import torch
    from transformers import AutoModel, AutoTokenizer

    folder.mkdir(parents=True)
    bert = AutoModel.from_pretrained(weights(), attn_implementation="eager").eval()
    tokenizer = AutoTokenizer.from_pretrained(weights())
    example = tokenizer(["an example", "another example, longer"], padding=True, return_tensors="pt")
    names = ["input_ids", "attention_mask", "token_type_ids"]

    class LastHiddenState(torch.nn.Module):
        """Positional inputs, one output: what the exporter can trace."""

        def __init__(self) -> None:
            super().__init__()
            self.bert = bert

        def forward(self, ids: object, mask: object, types: object) -> object:
            return self.bert(input_ids=ids, attention_mask=mask, token_type_ids=types).last_hidden_state

    torch.onnx.export(
        LastHiddenState(),
        tuple(example[name] for name in names),
        str(folder / "model.onnx"),
        input_names=names,
        output_names=["last_hidden_state"],
        dynamic_axes={name: {0: "batch", 1: "tokens"} for name in [*names, "last_hidden_state"]},
        opset_version=17,
        dynamo=False,
    )
    for name in (
        "config.json",
        "special_tokens_map.json",
        "tokenizer_config.json",
        "tokenizer.json",
        "vocab.txt",
    ):
        shutil.copy(weights() / name, folder / name)


def load() -> object:
    from chromadb.utils.embedding_functions import ONNXMiniLM_L6_V2

    home = Path(sys.prefix) / "onnx_minilm"
    if not (home / "onnx").exists():
        shutil.rmtree(home, ignore_errors=True)
        export(home / "unfinished")
        (home / "unfinished").rename(home / "onnx")
    ONNXMiniLM_L6_V2.DOWNLOAD_PATH = home
    function = ONNXMiniLM_L6_V2()
    function(["warm up"])
    return function


def build(function: object, directory: Path, folder: Path) -> tuple[int, dict[str, Search]]:
    import chromadb
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    settings = chromadb.Settings(anonymized_telemetry=False)
    collection = chromadb.PersistentClient(path=str(folder), settings=settings).create_collection(
        "bench", embedding_function=function, metadata={"hnsw:space": "cosine"}
    )
    splitter = RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=200)
    chunks = [(d["id"], text) for d in documents(directory) for text in splitter.split_text(d["content"])]
    numbered = iter(enumerate(chunks))
    while batch := list(itertools.islice(numbered, BATCH)):
        collection.add(
            ids=[str(number) for number, _ in batch],
            documents=[text for _, (_, text) in batch],
            metadatas=[{"id": name} for _, (name, _) in batch],
        )

    def dense(query: str, k: int) -> list[str]:
        found = collection.query(query_texts=[query], n_results=k)
        return [metadata["id"] for metadata in found["metadatas"][0]]

    return len(chunks), {"dense": dense}


if __name__ == "__main__":
    run(load, build)
