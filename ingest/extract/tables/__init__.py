"""Tables as people make them: which rows are titles, which name the columns, which are only a name and its value.

shapes.py tells what a cell looks like, grid.py holds the cells, headers.py and pairs.py judge their rows, regions.py
takes a sheet apart into tables, writing.py puts them into a document. No file format is known here.
"""
