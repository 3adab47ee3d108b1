"""The documents as a caller sees them (shelves, originals), brings them in and takes them out (jobs, uploads)."""
