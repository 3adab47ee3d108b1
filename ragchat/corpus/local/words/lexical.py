"""Word search over the chunks of one generation: BM25 by tantivy, on words that `analysis` has made.

Queries are built from tokens, never parsed: tantivy's parser throws on user input (run). Nothing is stored but
numbers; positions are left out, since nobody asks for phrases.
"""

from tantivy import Index
from tantivy import Occur, Query
from tantivy import Query
from tantivy import SchemaBuilder
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from ragchat.corpus.fields import FIELD_BOOSTS, heaviest, idf
from ragchat.corpus.local.catalog.live import Ids, Selection
from ragchat.corpus.local.files.failures import damaged, disk, tantivy
from ragchat.corpus.local.files.tuning import Tuning
from ragchat.corpus.local.words.pruning import Clause, clause, split
from ragchat.corpus.local.words.readonly import readable_directory
from ragchat.corpus.values import Hit
from ragchat.language.analysis import analyze

if TYPE_CHECKING:
    from tantivy import Schema, SearchResult

LOCK_FILES: Final = frozenset({".tantivy-meta.lock", ".tantivy-writer.lock"})
_INDEXED: Final = "freq"
_REMEMBERED_TERMS: Final = 65_536


def schema() -> "Schema":
    """title, headings, body: analysed words joined by spaces; chunk_id and version_id: numbers."""
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
        self._dead = dead_entries(directory)
        self._entries = chunks + self._dead
        self.idf = lru_cache(maxsize=_REMEMBERED_TERMS)(self._idf)
        self._holding = lru_cache(maxsize=_REMEMBERED_TERMS)(self._count)

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
        with tantivy("lexical", writing=False):
            clauses = self._clauses(weights)
            if allowed is None:
                return self._best(clauses, limit, limit)
            if len(allowed.ranges) <= self._tuning.term_set_versions:
                return self._best(clauses, limit, self._scaled(limit, allowed), self._versions(allowed))
            return self._best_until(clauses, limit, allowed)

    def all_chunk_ids(self) -> Ids:
        """Every living entry's chunk id, ascending (for verifying)."""
        if not self.chunks:
            return np.zeros(0, dtype=np.int64)
        with tantivy("lexical", writing=False):
            found = self._searcher.search(Query.all_query(), limit=self.chunks, count=False)
            return np.sort(np.asarray(self._chunk_ids(found), dtype=np.int64))

    def document_frequency(self, term: str) -> int:
        """Living chunks that hold an analysed term in the field where most of them do."""
        with tantivy("lexical", writing=False):
            holding = self._holding(term)
            if not self._dead:
                return max(holding)
            # tantivy's own figure counts deleted entries until their segment is written anew.
            fields = zip(FIELD_BOOSTS, holding, strict=True)
            return max((self._living(name, term) for name, entries in fields if entries), default=0)

    def _idf(self, term: str) -> float:
        return idf(self.chunks, self.document_frequency(term))

    def _count(self, term: str) -> tuple[int, ...]:
        """Entries that hold a term in each field, those of deleted chunks included."""
        return tuple(self._searcher.doc_freq(name, term) for name in FIELD_BOOSTS)

    def _living(self, field: str, term: str) -> int:
        found = self._searcher.search(
            Query.term_query(self._schema, field, term, _INDEXED), limit=1, count=True
        )
        return int(found.count or 0)  # type: ignore[attr-defined] # its stub leaves it out

    # Queries

    def _clauses(self, weights: Mapping[str, float]) -> list[Clause]:
        return [
            clause(name, term, boost * weight, holding, self._entries)
            for term, weight in heaviest(weights)
            for (name, boost), holding in zip(FIELD_BOOSTS.items(), self._holding(term), strict=True)
            if holding
        ]

    def _best(
        self, clauses: Sequence[Clause], limit: int, of_all: int, within: "Query | None" = None
    ) -> list[Hit]:
        """The best `limit` `within` a part of the index; about so many are among the best `of_all` of the whole."""
        if not clauses:
            return []
        parts = split(clauses, of_all)
        if parts.aside:
            hits = self._hits(_within(within, self._pruned(parts.telling, parts.aside)), limit)
            if len(hits) == limit and hits[-1].score > parts.bound:
                return hits
        return self._hits(_within(within, self._any_of(clauses)), limit)

    def _best_until(self, clauses: Sequence[Clause], limit: int, allowed: Selection) -> list[Hit]:
        """Exact for selections too large for a term set: asks for more until enough of it passes."""
        wanted = self._scaled(limit, allowed)
        while True:
            hits = self._best(clauses, wanted, wanted)
            mask = allowed.ranges.mask(np.asarray([hit.chunk_id for hit in hits], dtype=np.int64))
            passing = [hit for hit, kept in zip(hits, mask, strict=True) if kept]
            if len(passing) >= limit or len(hits) < wanted or wanted >= self.chunks:
                return passing[:limit]
            wanted = min(self.chunks, wanted * 4)

    def _scaled(self, limit: int, allowed: Selection) -> int:
        """Among so many hits of the whole index about `limit` are in the selection, and some more."""
        share = max(allowed.count / max(self.chunks, 1), 1e-6)
        return min(self.chunks, int(limit / share * 1.2) + limit)

    def _any_of(self, clauses: Sequence[Clause]) -> "Query":
        return Query.boolean_query([(Occur.Should, self._term(each)) for each in clauses])

    def _pruned(self, telling: Sequence[Clause], aside: Sequence[Clause]) -> "Query":
        """One level for each clause set aside: tantivy then skips along its list; a union of them it would walk."""
        query = self._any_of(telling)
        for each in aside:
            query = Query.boolean_query([(Occur.Must, query), (Occur.Should, self._term(each))])
        return query

    def _term(self, each: Clause) -> "Query":
        return Query.boost_query(Query.term_query(self._schema, each.field, each.term, _INDEXED), each.weight)

    def _versions(self, allowed: Selection) -> "Query":
        versions = Query.term_set_query(self._schema, "version_id", allowed.ranges.version_ids.tolist())
        return Query.boost_query(Query.const_score_query(versions, 1.0), 0.0)

    def _hits(self, query: "Query", limit: int) -> list[Hit]:
        found = self._searcher.search(query, limit=limit, count=False)
        scored = zip(self._chunk_ids(found), (score for score, _ in found.hits), strict=True)
        hits = [Hit(int(chunk_id), float(score)) for chunk_id, score in scored]
        return sorted(hits, key=lambda hit: (-hit.score, hit.chunk_id))

    def _chunk_ids(self, found: "SearchResult") -> list[int]:
        values = self._searcher.fast_field_values("chunk_id", [address for _, address in found.hits])
        return [int(value) for value in values if value is not None]


def dead_entries(directory: Path) -> int:
    """Deleted entries whose words are still in the segment files of a tantivy directory."""
    try:
        with disk(directory):
            meta: Mapping[str, list[dict[str, dict[str, int] | None]]] = json.loads(
                (directory / "meta.json").read_bytes()
            )
        return sum((segment["deletes"] or {}).get("num_deleted_docs", 0) for segment in meta["segments"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise damaged(f"{directory.name}/meta.json", "not the JSON that tantivy wrote") from error


def _within(part: "Query | None", query: "Query") -> "Query":
    return query if part is None else Query.boolean_query([(Occur.Must, query), (Occur.Must, part)])
