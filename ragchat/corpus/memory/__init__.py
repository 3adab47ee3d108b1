"""The contract kept in memory, in the plainest way: for tests, for documentation, for a run that writes nothing.

Exact cosine over one matrix, BM25 over counted words, generations as dictionaries. It is small on purpose: read it to
see what the contract asks of a store, and tests/corpus/contract for the proof that it keeps it.
"""
