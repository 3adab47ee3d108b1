"""Reading a generation: the open snapshot, what its filters select, whether its files are the published ones.

A snapshot puts rows, vectors and words together and answers from nothing else. It changes nothing, so that any number
of them may be open beside a writer.
"""
