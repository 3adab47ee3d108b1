"""Everything that depends on a language: analysis into index terms, sentence boundaries, and the tables for both."""
