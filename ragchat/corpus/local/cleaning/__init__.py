"""Taking away what nobody needs any more: pruning, purging, reclaiming room, rebuilding files."""
