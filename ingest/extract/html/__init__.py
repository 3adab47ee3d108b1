"""HTML: the content of a page as Markdown-like text and blocks, without what is hidden and other furniture.

In the order in which a page goes through them: `page` parses it and reads its head, `styles` what its own style sheet
hides or strikes, `hidden` drops what nobody sees and finds what unfolds, `measure` counts, `content` decides what is
content, `render` writes it into blocks with the help of `line` (inside a line), `notes`, `formulas`, `tables`, `forms`
and `confluence` (its storage format). Nothing here knows files or other formats.
"""

from ingest.extract.html.page import declared_charset, extract, extract_fragment, extract_page

__all__ = ["declared_charset", "extract", "extract_fragment", "extract_page"]
