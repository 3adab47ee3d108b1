"""One state of the product asked from inside, for compare.py: `python asked.py QUESTIONS INDEX_DIR PART`.

PART is search, answer or unread (an answer without a second reader). It runs in states from before the storage contract
too, so it is one file and imports what both have. Every question is asked PASSES times; told are medians over the
questions of the least wall and CPU milliseconds of each.
"""

import asyncio
import json
import sys
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import numpy as np

PASSES = 3


def opened(indexes: Path, embedder: Any) -> Any:
    """The current generation of the default collection."""
    (folder,) = (path.parent for path in indexes.glob("*/catalog.sqlite"))
    try:
        from ragchat.corpus.opening import open_stores
    except ImportError:
        from ragchat.index.home import IndexHome  # type: ignore[import-not-found,unused-ignore]

        return IndexHome(folder).open(embedder=embedder.spec)
    return open_stores(indexes).store(folder.name).open(embedder=embedder.spec)


def reader() -> Any:
    """The second reader that answers have by default; None where there was none yet."""
    try:
        from ragchat.models.reranker import load_reranker
    except ImportError:
        return None
    return load_reranker("local:minilm-l12")


def asking(part: str, retriever: Any) -> Callable[[str], object]:
    if part == "search":
        return lambda question: retriever.search(question)
    from ragchat.answering.answer import Answerer, AnswerOptions

    answerer = Answerer(retriever=retriever)

    async def answer(question: str) -> None:
        options = AnswerOptions(message_id="m", conversation_id="c")
        async with aclosing(answerer.answer(question, [], options)) as events:
            last = [event async for event in events][-1]
        if last.type != "done":
            raise SystemExit(f"{question!r}: {last}")

    runner = asyncio.Runner()
    return lambda question: runner.run(answer(question))


def main() -> None:
    from ragchat.models import load_embedder
    from ragchat.retrieval.search import Retriever

    path, indexes, part = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    questions = [json.loads(line)["question"] for line in path.read_text("utf-8").splitlines()]
    embedder = load_embedder("local:minilm", threads=1)
    snapshot = opened(indexes, embedder)
    read = reader() if part == "answer" else None
    ask = asking(part, Retriever(snapshot, embedder, read) if read else Retriever(snapshot, embedder))
    ask(questions[0])
    wall, cpu = np.full(len(questions), np.inf), np.full(len(questions), np.inf)
    for _ in range(PASSES):
        for number, question in enumerate(questions):
            began, worked = perf_counter(), process_time()
            ask(question)
            wall[number] = min(wall[number], perf_counter() - began)
            cpu[number] = min(cpu[number], process_time() - worked)
    print(json.dumps({"p50 ms": float(np.median(wall)) * 1000, "cpu p50 ms": float(np.median(cpu)) * 1000}))


if __name__ == "__main__":
    main()
