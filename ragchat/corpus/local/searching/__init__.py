"""An open generation: the Snapshot of this implementation."""
