"""What Word, PowerPoint and Excel files share: a zip of XML parts that point to each other, and what is drawn in them.

The parts are read as they are, not through python-docx, python-pptx and openpyxl. Those show a model for writing files
and hide or refuse what readers of files need: text in content controls and boxes, hidden rows, templates, the strict
dialect, packages with one broken reference; and openpyxl walks a million empty cells to a stray one.
"""
