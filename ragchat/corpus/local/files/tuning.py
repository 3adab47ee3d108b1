"""Sizes and thresholds of an index home. Tests make them small to reach every path with little data."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tuning:
    """Defaults fit 2 cores and collections from ten to a few million chunks.

    `segment_rows`: vectors per segment (50 MB at 384 dimensions), which bounds a writer's memory.
    `merge_fanout`: so many segments of similar size become one.
    `rewrite_rows`: a publish may rewrite so many vector rows to drop dead ones at once; beyond, they wait until
    `dead_share` of a segment is dead. `rewrite_words_chunks`: the same for the words of the lexical index, whose
    rewriting costs an analysis of every chunk (about 0.3 ms each).
    `coded_rows`: segments of at least so many rows have codes, by which they are searched (exact search of so many
    takes as long as codes and rescoring do). `rows_a_thread`: a search of more rows is shared between threads, as far
    as there are processors, and its words are looked up meanwhile.
    `hash_on_open_bytes`: generations up to this size are hashed wholly before they serve, larger ones at their edges
    before and wholly in the background while they serve.
    `term_set_versions`: selections of at most so many documents are pushed into tantivy as a set of terms.
    """

    segment_rows: int = 65_536
    merge_fanout: int = 8
    rewrite_rows: int = 262_144
    rewrite_words_chunks: int = 4_000
    dead_share: float = 0.2
    coded_rows: int = 8_192
    rows_a_thread: int = 65_536
    hash_on_open_bytes: int = 160 * 1024 * 1024
    term_set_versions: int = 1_024
    staging_documents: int = 64
    lexical_heap_bytes: int = 48_000_000
    keep: int = 2
