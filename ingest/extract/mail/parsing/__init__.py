"""From bytes to a letter: MIME parsed in spite of what is broken in it, headers, parts, and what is no text in them."""
