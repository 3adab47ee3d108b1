"""Threads that take part of one search off the thread that asked.

FAISS and tantivy let go of the interpreter lock, so that words are looked up while vectors are scanned, and a scan of
many segments is shared. Threads live as long as the open generation: starting two for a search of 9 ms cost 0.5.
"""

import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class Helpers:
    """At most one thread for each processor beyond the asker's; made when first needed. Thread-safe."""

    def __init__(self) -> None:
        self.count = max((os.cpu_count() or 1) - 1, 0)
        self._pool: ThreadPoolExecutor | None = None
        self._process = 0
        self._lock = Lock()

    def start(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> "Future[T]":
        """Begins `work` beside the caller; without another processor, or after `close`, it is done at once."""
        with self._lock:
            if self.count and (self._pool is None or self._process != os.getpid()):
                self._pool = ThreadPoolExecutor(self.count, "ragchat-search")
                self._process = os.getpid()  # a forked process has none of its parent's threads
            if self._pool is not None:
                return self._pool.submit(work, *args, **kwargs)
        done: Future[T] = Future()
        done.set_result(work(*args, **kwargs))
        return done

    def close(self) -> None:
        """Lets the threads end when their work is done. Idempotent; searches under way end undisturbed."""
        with self._lock:
            pool, self._pool, self.count = self._pool, None, 0
        if pool is not None and self._process == os.getpid():
            pool.shutdown(wait=False)
