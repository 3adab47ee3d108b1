"""Collections in a folder: SQLite rows are the truth, FAISS and tantivy files are derived from them.

Rooms from the bottom up: files, catalog, segments and words, searching and cleaning, writing, rewriting and checking;
`store` and `stores` stand above them. Nothing outside of ragchat.corpus imports any of it but through
`ragchat.corpus.opening`.
"""
