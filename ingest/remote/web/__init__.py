"""A web site as a source: which of its pages belong to it, how they are found, what they are called in the mirror."""
