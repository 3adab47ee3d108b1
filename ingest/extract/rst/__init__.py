"""reStructuredText, read and never executed: headings, lists, tables, notes, code, with what its markup points to.

Not docutils: it does what a document asks for (include, raw) and fails on Sphinx's roles; this reads structure only.
`document` puts it together, `names` finds what is defined anywhere (targets, substitutions, notes), `inline` writes
what stands in lines, `body` walks the `lines` with the help of `lists`, `tables` and `explicit` (notes and directives,
whose names are in `directives`).
"""

from ingest.extract.rst.document import extract

__all__ = ["extract"]
