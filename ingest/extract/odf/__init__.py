"""OpenDocument: texts, sheets and slides (ODT, ODS, ODP), their templates, in a zip or as one flat XML file.

document.py opens the file (opening.py) and hands its body to text.py, sheets.py or slides.py. styles.py and
numbering.py tell what words look like and how lists count, cells.py takes tables and sheets apart; `body/` reads what
stands in a text, a box or a shape. Tracked changes are read as if they were accepted; open comments stand behind
their paragraph, as in Word.
"""

from ingest.extract.odf.document import extract

__all__ = ["extract"]
