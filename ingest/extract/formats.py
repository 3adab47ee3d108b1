"""The formats that are read: one table for file names, parsers and the page of the documentation.

A row is all that a new format needs besides its module; `detect` tells from the first bytes what a name may hide.
"""

from dataclasses import dataclass
from typing import Final

OFFICE: Final = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
LEGACY: Final = {
    "doc": "application/msword",
    "xls": "application/vnd.ms-excel",
    "ppt": "application/vnd.ms-powerpoint",
}
ODF: Final = "application/vnd.oasis.opendocument"
ZIP: Final = "application/zip"
OUTLOOK: Final = "application/vnd.ms-outlook"
MAIL: Final = "message/rfc822"
PICTURE: Final = "image/*"


@dataclass(frozen=True, slots=True)
class Format:
    """A format as people call it, the endings of its files, its media type, the module of this package that reads it,
    and what of a file is `kept` (a cell of the documentation). `text`: told from other text by its name alone."""

    name: str
    suffixes: str
    media_type: str
    module: str
    kept: str
    text: bool = False


FORMATS: Final = (
    Format(
        "Markdown", ".md .markdown .mkd .mdx .qmd .rmd", "text/markdown", "markdown",
        "the source itself; front matter as metadata and as fields; HTML in it rendered; notes, tabs and details of "
        "MkDocs, Docusaurus, GitHub and Sphinx with their titles; short codes of Hugo, Jekyll and Quarto as what they "
        "say; no comments, imports, pictures in base64", text=True,
    ),
    Format(
        "reStructuredText", ".rst .rest", "text/x-rst", "rst",
        "headings, prose, lists, all four kinds of tables, notes with their kind, definitions, links and substitutions "
        "resolved; nothing that a directive executes or fetches", text=True,
    ),
    Format(
        "plain text, logs, settings", ".txt .text", "text/plain", "plain",
        "the text, also of any other name whose content is text; lists, fields, questions with answers and turns of a "
        "talk where they are sure", text=True,
    ),
    Format(
        "HTML", ".html .htm .xhtml", "text/html", "html",
        "what is content by place and density: headings, lists with their labels, tables, definitions, details, "
        "accordions and tabs with their titles, forms as filled in, descriptions of pictures; no menus, nothing hidden "
        "for good", text=True,
    ),
    Format(
        "PDF", ".pdf", "application/pdf", "pdf",
        "text by page: tables as rows with their header, headings by outline or face, columns one after the other; "
        "running heads and page numbers removed; scanned pages by OCR",
    ),
    Format(
        "Word", ".docx .docm .dotx .dotm", OFFICE["docx"], "docx",
        "headings, nested lists, tables, text boxes, footnotes, comments; nothing hidden or deleted",
    ),
    Format(
        "PowerPoint", ".pptx .pptm .ppsx .ppsm .potx .potm", OFFICE["pptx"], "pptx",
        "one page per slide: title, text, tables, chart data, notes",
    ),
    Format("Excel", ".xlsx .xlsm .xltx .xltm", OFFICE["xlsx"], "xlsx", "each visible sheet, a line per row"),
    Format("Word 97", ".doc .dot", LEGACY["doc"], "legacy", "text, tables as rows, footnotes"),
    Format("Excel 97", ".xls .xlt", LEGACY["xls"], "legacy", "each visible sheet, a line per row"),
    Format("PowerPoint 97", ".ppt .pps .pot", LEGACY["ppt"], "legacy", "one page per slide: its text"),
    Format(
        "OpenDocument text", ".odt .ott .fodt", f"{ODF}.text", "odf",
        "headings, lists, tables, footnotes, comments; nothing hidden or deleted",
    ),
    Format(
        "OpenDocument sheet", ".ods .ots .fods", f"{ODF}.spreadsheet", "odf", "each visible sheet, a line per row"
    ),
    Format(
        "OpenDocument slides", ".odp .otp .fodp", f"{ODF}.presentation", "odf",
        "one page per slide: title, text, tables, notes",
    ),
    Format(
        "Rich Text", ".rtf", "application/rtf", "rtf",
        "paragraphs, lists, tables as rows, links, footnotes; nothing hidden or deleted",
    ),
    Format(
        "EPUB", ".epub", "application/epub+zip", "epub",
        "chapters in reading order, boxes and footnotes with their marks",
    ),
    Format(
        "CSV, TSV", ".csv .tsv", "text/csv", "separated", "a line per row: `Plan: Pro; Price: $20`", text=True
    ),
    Format(
        "mail", ".eml", MAIL, "mail",
        "subject, sender, recipients, date, the body once, quoted replies marked; each attachment is a document of its "
        "own", text=True,
    ),
    Format("mailbox", ".mbox", "application/mbox", "mail", "as mail, each message a section", text=True),
    Format("Outlook message", ".msg", OUTLOOK, "mail", "as mail"),
    Format("saved web page", ".mht .mhtml", "application/x-mimearchive", "mail", "as HTML", text=True),
    Format(
        "Jupyter notebook", ".ipynb", "application/x-ipynb+json", "texts.notebook",
        "Markdown cells, code, its printed output and what went wrong; no pictures", text=True,
    ),
    Format(
        "JSON", ".json", "application/json", "records",
        "records as lines `Name: value; …`, questions with their answers, keys as headings; markup in a value as what "
        "it shows", text=True,
    ),
    Format("XML", ".xml", "application/xml", "records", "as JSON, where it is data; else its text", text=True),
    Format(
        "subtitles", ".srt .vtt", "text/vtt", "texts.subtitles", "what is said, by speaker and with its time", text=True
    ),
    Format(
        "source code", ".py .pyi .js .mjs .cjs .jsx .ts .tsx .java .kt .kts .scala .go .rs .c .h .cc .cpp .cxx "
        ".hpp .cs .swift .rb .php .pl .pm .lua .r .jl .sh .bash .ps1 .sql .m .dart .ex .exs .hs .vb .groovy",
        "text/x-source", "texts.source_code", "the source; what a keyword defines (class, def, func, …) under its name",
        text=True,
    ),
    Format(
        "pictures", ".png .jpg .jpeg .tif .tiff .bmp .webp .gif", PICTURE, "ocr",
        "words on them by OCR, where Tesseract is installed",
    ),
    Format(
        "archives", ".zip .tar .tgz .gz .tbz2 .bz2 .txz .xz", ZIP, "archive",
        "each file inside is a document of its own, in bounds",
    ),
)  # fmt: skip

MEDIA_TYPES: Final = {suffix: one.media_type for one in FORMATS for suffix in one.suffixes.split()} | {
    ".tsv": "text/tab-separated-values",
    ".srt": "application/x-subrip",
}
MODULES: Final = {one.media_type: one.module for one in FORMATS} | {
    "text/tab-separated-values": "separated",
    "application/x-subrip": "texts.subtitles",
    "application/xhtml+xml": "html",
}
TEXT_TYPES: Final = frozenset(
    kind
    for kind, module in MODULES.items()
    if any(one.text and one.module == module for one in FORMATS) and kind != OUTLOOK
)
"""Formats that are text: their names tell them from each other."""
QUICK: Final = frozenset(
    suffix for suffix, kind in MEDIA_TYPES.items() if MODULES[kind] not in ("ocr", "archive", "legacy")
)
"""Endings of files that are read without other programs, and hold one document."""
