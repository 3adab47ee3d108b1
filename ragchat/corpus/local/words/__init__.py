"""Words: the tantivy index of a generation and its search."""
