"""What goes on after a run of `ragchat ingest`: following its paths, and telling what it could not read."""
