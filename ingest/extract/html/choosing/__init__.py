"""What of a page is content: its own style sheet, what is hidden and what a click unfolds, sizes, furniture.

The tree is never changed here; what is no content is told by `mem_id`, and the walk leaves it out.
"""
