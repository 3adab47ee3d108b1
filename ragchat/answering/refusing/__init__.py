"""When there is no answer, why, and in which words; the thresholds and how they are fitted."""
