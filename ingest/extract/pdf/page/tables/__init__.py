"""Tables of a page: cells between rules, and columns that only their places tell."""
