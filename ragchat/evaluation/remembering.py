"""A second reader that need not read a pair twice: evaluating a question takes several searches for it."""

from collections.abc import Sequence

from ragchat.models.reranker import Reranker


class RememberingReranker:
    """Grades of the last question's pairs, kept: evaluating searches several times for one question, and a pair's grade
    depends on nothing else. Answers, whose latency is measured, are never made with it."""

    def __init__(self, reranker: Reranker) -> None:
        self.reranker = reranker
        self.name = reranker.name
        self._query = ""
        self._grades: dict[str, float] = {}

    def scores(self, query: str, texts: Sequence[str]) -> Sequence[float]:
        if query != self._query:
            self._query, self._grades = query, {}
        new = list(dict.fromkeys(text for text in texts if text not in self._grades))
        if new:
            self._grades |= dict(zip(new, self.reranker.scores(query, new), strict=True))
        return [self._grades[text] for text in texts]
