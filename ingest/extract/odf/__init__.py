"""OpenDocument: texts, sheets and slides (ODT, ODS, ODP), their templates, in a zip or as one flat XML file.

`document` opens the file (in `file`) and hands its body to `text`, `sheets` or `slides`. `flow` walks what stands in a
text, a text box or a shape, `words` reads a paragraph's words, what they look like and how lists count, `cells` takes
tables and sheets apart, `drawings` and `objects` what is drawn. Tracked changes are
read as if they were accepted; comments on a text are no part of it.
"""

from ingest.extract.odf.document import extract

__all__ = ["extract"]
