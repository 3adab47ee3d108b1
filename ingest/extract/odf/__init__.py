"""OpenDocument: texts, sheets and slides (ODT, ODS, ODP), their templates, in a zip or as one flat XML file.

document.py opens the file (opening.py) and hands its body to text.py, sheets.py or slides.py. flow.py walks what stands
in a text, a text box or a shape, line.py reads a paragraph's words, styles.py and numbering.py tell what it looks like
and how it counts, cells.py takes tables and sheets apart, drawings.py and objects.py what is drawn. Tracked changes are
read as if they were accepted; comments on a text are no part of it.
"""

from ingest.extract.odf.document import extract

__all__ = ["extract"]
