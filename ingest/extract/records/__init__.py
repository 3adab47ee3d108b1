"""Data as documents: JSON and XML, read into plain values (`values`) and written as records, pairs, questions with
answers and headings (`writing`)."""

from ingest.extract.records.document import extract

__all__ = ["extract"]
