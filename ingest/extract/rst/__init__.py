"""reStructuredText, read and never executed: headings, lists, tables, notes, code, with what its markup points to.

Not docutils: it does what a document asks for (include, raw) and fails on Sphinx's roles; this reads structure only.
`document` puts it together, `names` finds what is defined anywhere (targets, substitutions, notes), `inline` writes
what stands in lines, `body` walks the lines, `directives` knows the names of directives, `tables` the kinds of tables.
"""

from ingest.extract.rst.document import extract

__all__ = ["extract"]
