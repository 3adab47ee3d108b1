"""HTML: the content of a page as Markdown-like text and blocks, without what is hidden and other furniture.

In the order in which a page goes through them: `page` parses it and reads its head, `choosing` tells what is content,
`notes` and `forms` what belongs together across it, `render` writes it into blocks with the help of `lists`, `tables`
and `titled` (what has a title or label of its own), `line` and `words` what stands in lines (`formulas`, `addresses`).
Nothing here knows files or other formats.
"""

from ingest.extract.html.page import declared_charset, extract, extract_fragment, extract_page

__all__ = ["declared_charset", "extract", "extract_fragment", "extract_page"]
