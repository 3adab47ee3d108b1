"""Whether the words that a sentence cites support it."""
