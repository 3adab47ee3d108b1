"""One module a step, by number; a step that was released is never edited."""
