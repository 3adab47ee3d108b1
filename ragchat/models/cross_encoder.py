"""The second reader that ships with the package: ms-marco-MiniLM-L12-v2, int8 ONNX, one grade for question and text.

Run like the embedder: one onnxruntime session with one thread inside, called at batch 1 from as many threads as there
are cores, so that a grade depends on nothing but its pair. Heavy imports happen here, so import this module lazily
(`ragchat.models.reranker.load_reranker`).
"""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import numpy as np
from tokenizers import Tokenizer

from ragchat.models.shipped import Origin, readable, session_of, verified_files

NAME: Final = "local:minilm-l12"
DIRECTORY: Final = Path(__file__).with_name("minilm_l12")
WINDOW: Final = 160
"""Tokens of question and text together; what is beyond is cut from the text. Most blocks are shorter, and time grows
with it (bench/reader)."""
LONGEST_WINDOW: Final = 512
LEAST_TEXT: Final = 32
"""Tokens of the text that a long question leaves."""
CLS: Final = 101
SEP: Final = 102


class CrossEncoder:
    """The `Reranker` of `local:minilm-l12`; thread-safe, the same pair always gets the same grade.

    Grades are logits, about -11 (nothing to do with it) to 11 (answers it). `threads` is the number of pairs read at
    once (default: the cores this process may use). Raises NotReady when a file is missing or not what SHA256SUMS says.
    """

    name = NAME

    def __init__(
        self, *, threads: int | None = None, window: int = WINDOW, directory: Path = DIRECTORY
    ) -> None:
        self.window = min(window, LONGEST_WINDOW)
        files = verified_files(Origin(directory, "build_reader.py", "reranker_missing"))
        self.revision = files["model.onnx"].sha256[:16]
        self._tokenizer = Tokenizer.from_str(files["tokenizer.json"].content.decode())
        self._session = session_of(files["model.onnx"].content)
        workers = threads or len(os.sched_getaffinity(0))
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="reader") if workers > 1 else None

    def scores(self, query: str, texts: Sequence[str]) -> Sequence[float]:
        """One grade for each text, in their order."""
        question = self._ids(query)[: self.window - 3 - LEAST_TEXT]
        pairs = [self._pair(question, text) for text in texts]
        if len(pairs) == 1:  # of a sentence that is checked while it is read: not behind what others ask
            return [self._grade(pairs[0])]
        # The longest first: the last ones to end are short, and no thread waits long for another.
        order = sorted(range(len(pairs)), key=lambda i: -len(pairs[i][0]))
        run = map if self._pool is None else self._pool.map
        grades = dict(zip(order, run(self._grade, [pairs[i] for i in order]), strict=True))
        return [grades[i] for i in range(len(pairs))]

    def _ids(self, text: str) -> list[int]:
        ids: list[int] = self._tokenizer.encode(readable(text), add_special_tokens=False).ids
        return ids

    def _pair(self, question: list[int], text: str) -> tuple[list[int], list[int]]:
        """Token ids and segments: [CLS] question [SEP] text [SEP]."""
        taken = self._ids(text)[: self.window - 3 - len(question)]
        ids = [CLS, *question, SEP, *taken, SEP]
        return ids, [0] * (len(question) + 2) + [1] * (len(taken) + 1)

    def _grade(self, pair: tuple[list[int], list[int]]) -> float:
        ids, segments = (np.array(values, np.int64) for values in pair)
        return float(self._session.run(None, {"input_ids": ids, "segment_ids": segments})[0].item())
