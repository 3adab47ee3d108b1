"""What lies on the disk, whatever it means: durable writes and hard links, the writer's lock, where a generation lies.

The manifest names every file of a generation with its sha256; `failures` turns what operating system, SQLite, FAISS and
tantivy throw into our errors, in one place each. Nothing here knows a row, a vector or a word.
"""
