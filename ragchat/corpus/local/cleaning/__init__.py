"""What leaves the disk: old generations, leftovers of killed runs, rows that nothing refers to, a full disk's way out.

Runs begin and end with it, and the writer's lock is held throughout. What may still be wanted by a reader or for a
rollback is never touched here; purging, which does that on purpose, is in `rewriting`.
"""
