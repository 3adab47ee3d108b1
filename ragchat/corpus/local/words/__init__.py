"""Words: the tantivy index of a generation, how it is built and how it is searched.

Words are analysed before they come here and queries are made of terms, never parsed. `pruning` decides which terms have
to be looked up; it is exact. tantivy is imported here and nowhere else.
"""
