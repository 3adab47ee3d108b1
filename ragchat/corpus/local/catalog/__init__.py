"""The rows of `catalog.sqlite`: schema and migration, connections, values to rows and back.

Which rows live in a generation is decided here (`live`): versions of documents with their ranges of chunk ids. Rows are
immutable and carry a checksum; everything in the other rooms can be made anew from them. What is searched or dropped
is decided above.
"""
