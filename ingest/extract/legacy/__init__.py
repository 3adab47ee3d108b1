"""Office files of before 2007 (.doc, .xls, .ppt): through LibreOffice where it is installed, with all that the formats
of today keep; else their text alone, read from the container itself.

`office` runs LibreOffice; `word`, `sheets` and `slides` read the three formats; `document` chooses.
"""

from ingest.extract.legacy.document import extract

__all__ = ["extract"]
