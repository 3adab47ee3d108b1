"""Word: the document in its order, with everything that a reader sees on its pages, once, and nothing that is deleted.

document.py opens the file, body.py walks it, line.py reads a paragraph's words, styles.py and numbering.py tell what a
paragraph is and how it counts, tables.py takes tables apart, notes.py and furniture.py read what stands on other parts,
objects.py what is drawn. Tracked changes are read as if they were accepted.
"""

from ingest.extract.docx.document import extract

__all__ = ["extract"]
