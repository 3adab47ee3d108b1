"""PowerPoint: one page per slide, its title as heading, what it shows in reading order, the speaker's notes.

document.py goes through the slides, slide.py through the shapes of one, placeholders.py knows what a shape has from its
layout and master (place, bullets), line.py reads paragraphs, tables.py tables.
"""

from ingest.extract.pptx.document import extract

__all__ = ["extract"]
