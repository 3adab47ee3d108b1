"""Reading files apart from the run: child processes that a hostile file may hang, crash or fill, and their bounds.

`worker` decides what is read where, `process` is one child as its parent sees it, `child` the program that runs in it,
`rows` what crosses the pipe, `limits` what a file may cost on this machine. No format is known here.
"""

from ingest.extract.worker.limits import Limits, usual_children
from ingest.extract.worker.worker import ExtractionWorker

__all__ = ["ExtractionWorker", "Limits", "usual_children"]
