"""A collection in a folder: SQLite rows are the truth, FAISS and tantivy files are derived from them."""
