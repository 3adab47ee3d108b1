"""Extraction against reference texts, and quotes of PDFs against their pages. See README.md."""
