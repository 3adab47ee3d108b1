"""Commands that other programs start, not people: their stdout is a protocol."""
