"""Making the next generation: rows are staged, files are built beside the old ones, one transaction makes it current.

`run` is what callers hold, `session` the lock and the connection below it, `build` the files, `publish` the one moment.
A kill anywhere leaves the old generation or the new one, never something in between.
"""
