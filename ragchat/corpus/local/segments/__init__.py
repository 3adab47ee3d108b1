"""Vectors: immutable FAISS segments, their codes, and the search over them."""
