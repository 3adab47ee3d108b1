"""The one way into the index: find documents, extract their text, split, embed, publish.

`ingest.run.ingest` is the whole job; it takes an embedder and an index home, never settings.
"""
