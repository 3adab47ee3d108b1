"""PDF: pages of glyphs laid out into headings, paragraphs, lists and tables; pages keep their boundaries.

document.py puts it together; engines.py reads files with pdfium and pypdf, page/ finds out what lies where on a page,
headings.py and blocks.py what it means over the whole document, compose.py writes it down. lines.py knows what lines of
text mean, wherever they come from.
"""

from ingest.extract.pdf.document import extract

__all__ = ["extract"]
