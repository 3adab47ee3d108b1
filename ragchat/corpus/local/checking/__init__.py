"""The proof that rows and files agree: every file, row, vector and word, and what is left of deleted documents.

Reads everything, changes nothing, and names every finding instead of stopping at the first.
"""
