"""Markdown and MDX: the source stays the canonical text, but for what is no Markdown in it.

`document` puts it together: `front_matter` is read, `source` renders HTML and drops components and pictures in base64
(`tags` inside of lines), `parser`, `blocks`, `gaps` and `headings` find the build, `titles` writes the opening lines of
notes and tabs as people read them.
"""

from ingest.extract.markdown.document import extract

__all__ = ["extract"]
