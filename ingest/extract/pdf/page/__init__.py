"""One page: what stands where, in columns or not, in tables or not, in the margin or not. No meaning of words here.

glyphs.py gives pieces of text with their places, pieces.py puts them on lines, tables/ finds tables between straight
lines and without, columns.py the second column, margins.py what runs through the pages; layout.py
goes through a page with all of them.
"""
