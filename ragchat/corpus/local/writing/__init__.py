"""One run from staged rows to the publish that makes a generation current."""
