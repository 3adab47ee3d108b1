"""From a running answer to a reply in one piece, and what has to be known before the first byte of a stream."""
