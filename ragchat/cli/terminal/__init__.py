"""What commands print on a terminal and how: results, tables, errors, and bars that tell how far a long job is."""
