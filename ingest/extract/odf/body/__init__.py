"""What stands in a text, a text box, a shape or a cell: flow.py walks it, line.py reads a paragraph's words, lists.py
and tables.py what is made of paragraphs, drawings.py and objects.py what is drawn beside them."""
