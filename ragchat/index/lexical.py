"""Word search over the chunks of one generation: BM25 by tantivy, on words that `analysis` has made.

Queries are built from tokens, never parsed: tantivy's parser throws on user input (run). Nothing is stored but
numbers; positions are left out, since nobody asks for phrases.
"""

import math
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from ragchat.index.analysis import analyze
from ragchat.index.failures import damaged, tantivy
from ragchat.index.live import Ids, Selection
from ragchat.index.readonly import readable_directory
from ragchat.index.tuning import Tuning
from ragchat.index.types import Hit

if TYPE_CHECKING:
    from tantivy import Query, Schema, SearchResult

FIELD_BOOSTS: Final[Mapping[str, float]] = {"title": 2.0, "headings": 1.5, "body": 1.0}
LOCK_FILES: Final = frozenset({".tantivy-meta.lock", ".tantivy-writer.lock"})
_MOST_WORDS: Final = 512
_INDEXED: Final = "freq"


def schema() -> "Schema":
    """title, headings, body: analysed words joined by spaces; chunk_id and version_id: numbers."""
    from tantivy import SchemaBuilder

    builder = SchemaBuilder()
    for name in FIELD_BOOSTS:
        builder.add_text_field(name, tokenizer_name="whitespace", index_option=_INDEXED)
    for name in ("chunk_id", "version_id"):
        builder.add_unsigned_field(name, indexed=True, fast=True)
    return builder.build()


class LexicalIndex:
    """An open, read-only tantivy index. Thread-safe."""

    def __init__(self, directory: Path, *, chunks: int, language: str, tuning: Tuning) -> None:
        """Raises IndexDamaged when it does not hold exactly `chunks` living entries."""
        from tantivy import Index

        thing = f"{directory.parent.name}/{directory.name}"
        self.language = language
        self._tuning = tuning
        with tantivy(thing, writing=False), readable_directory(directory, LOCK_FILES) as readable:
            index = Index.open(str(readable))
            index.config_reader(reload_policy="manual")
            self._schema = index.schema
            self._searcher = index.searcher()
        if self._searcher.num_docs != chunks:
            raise damaged(thing, f"{self._searcher.num_docs} entries, the manifest says {chunks}")
        self.chunks = chunks
        self.idf = lru_cache(maxsize=65_536)(self._idf)

    def match(self, query: str, limit: int, allowed: Selection | None = None) -> list[Hit]:
        """BM25 of a person's words, best first; any string is a query, and one without words matches nothing."""
        return self.match_terms(Counter(analyze(query, self.language)), limit, allowed)

    def match_terms(
        self, weights: Mapping[str, float], limit: int, allowed: Selection | None = None
    ) -> list[Hit]:
        """BM25 of analysed terms, each with its weight; best first, ties by chunk id."""
        limit = min(limit, self.chunks if allowed is None else allowed.count)
        if limit <= 0 or not weights:
            return []
        query = self._query(weights)
        with tantivy("lexical", writing=False):
            if allowed is None:
                return self._hits(query, limit)
            if len(allowed.ranges) <= self._tuning.term_set_versions:
                return self._hits(self._restricted(query, allowed), limit)
            return self._hits_until(query, limit, allowed)

    def all_chunk_ids(self) -> Ids:
        """Every living entry's chunk id, ascending (for verifying)."""
        from tantivy import Query

        if not self.chunks:
            return np.zeros(0, dtype=np.int64)
        with tantivy("lexical", writing=False):
            found = self._searcher.search(Query.all_query(), limit=self.chunks, count=False)
            return np.sort(np.asarray(self._chunk_ids(found), dtype=np.int64))

    def document_frequency(self, term: str) -> int:
        """Chunks whose title, headings or text hold an analysed term (the most frequent of the three fields)."""
        with tantivy("lexical", writing=False):
            return min(max(self._searcher.doc_freq(name, term) for name in FIELD_BOOSTS), self.chunks)

    def _idf(self, term: str) -> float:
        """BM25's idf, always positive: ln(1 + (N - n + .5) / (n + .5))."""
        holding = self.document_frequency(term)
        return math.log(1 + (self.chunks - holding + 0.5) / (holding + 0.5))

    def _query(self, weights: Mapping[str, float]) -> "Query":
        from tantivy import Occur, Query

        heaviest = sorted(weights.items(), key=lambda item: (-item[1], item[0]))[:_MOST_WORDS]
        return Query.boolean_query(
            [
                (
                    Occur.Should,
                    Query.boost_query(Query.term_query(self._schema, name, term, _INDEXED), boost * weight),
                )
                for term, weight in heaviest
                for name, boost in FIELD_BOOSTS.items()
            ]
        )

    def _restricted(self, query: "Query", allowed: Selection) -> "Query":
        from tantivy import Occur, Query

        versions = Query.term_set_query(self._schema, "version_id", allowed.ranges.version_ids.tolist())
        unscored = Query.boost_query(Query.const_score_query(versions, 1.0), 0.0)
        return Query.boolean_query([(Occur.Must, query), (Occur.Must, unscored)])

    def _hits(self, query: "Query", limit: int) -> list[Hit]:
        found = self._searcher.search(query, limit=limit, count=False)
        scored = zip(self._chunk_ids(found), (score for score, _ in found.hits), strict=True)
        hits = [Hit(int(chunk_id), float(score)) for chunk_id, score in scored]
        return sorted(hits, key=lambda hit: (-hit.score, hit.chunk_id))

    def _hits_until(self, query: "Query", limit: int, allowed: Selection) -> list[Hit]:
        """Exact for selections too large for a term set: asks for more until enough of it passes."""
        share = max(allowed.count / max(self.chunks, 1), 1e-6)
        wanted = min(self.chunks, int(limit / share * 1.2) + limit)
        while True:
            hits = self._hits(query, wanted)
            mask = allowed.ranges.mask(np.asarray([hit.chunk_id for hit in hits], dtype=np.int64))
            passing = [hit for hit, kept in zip(hits, mask, strict=True) if kept]
            if len(passing) >= limit or len(hits) < wanted or wanted >= self.chunks:
                return passing[:limit]
            wanted = min(self.chunks, wanted * 4)

    def _chunk_ids(self, found: "SearchResult") -> list[int]:
        values = self._searcher.fast_field_values("chunk_id", [address for _, address in found.hits])
        return [int(value) for value in values if value is not None]
