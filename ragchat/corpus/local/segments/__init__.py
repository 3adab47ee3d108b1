"""Vectors: segments of float16 rows in FAISS files, with four-bit codes beside the large ones, and their search.

Segments are immutable and shared between generations by hard links; `compaction` decides which are written anew.
FAISS is imported here and nowhere else.
"""
