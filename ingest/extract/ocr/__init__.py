"""Words on pictures, by Tesseract where it is installed (Debian: tesseract-ocr): `tesseract` runs it, `picture` reads a
file of its own, and the PDF reader asks it for pages without text."""

from ingest.extract.ocr.picture import extract

__all__ = ["extract"]
