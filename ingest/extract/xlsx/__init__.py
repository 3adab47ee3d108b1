"""Excel: each visible sheet under a heading, its tables as rows that name their columns, cells as a reader sees them.

workbook.py reads what all sheets share, sheet.py the cells of one (shown by ooxml/formats.py in their number format),
annotations.py finds what lies upon the cells: comments, links, text boxes; unseen.py takes white cells out.
"""

from ingest.extract.xlsx.document import extract

__all__ = ["extract"]
