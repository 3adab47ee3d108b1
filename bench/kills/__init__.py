"""kill -9 at random moments: does what was acknowledged survive, and does the next run work? See README.md."""
