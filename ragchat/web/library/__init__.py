"""The documents as a caller sees them (shelves) and as a caller brings them in and takes them out (jobs, uploads)."""
