"""Threads that help one search: what they find is what the asker alone would find."""

import os
import threading

import pytest

from ragchat.corpus.local.segments.helpers import Helpers


def test_work_is_done_beside_the_asker_by_threads_that_stay() -> None:
    helpers = Helpers()
    helpers.count = 1
    names = {helpers.start(lambda: threading.current_thread().name).result() for _ in range(5)}
    assert names == {"ragchat-search_0"}
    helpers.close()


def test_without_a_second_processor_or_after_closing_the_asker_works_alone() -> None:
    helpers = Helpers()
    helpers.count = 1
    helpers.close()
    helpers.close()
    assert helpers.start(lambda: threading.current_thread().name).result() == threading.current_thread().name


def test_what_goes_wrong_in_a_helper_reaches_the_asker() -> None:
    helpers = Helpers()
    helpers.count = 1
    with pytest.raises(ZeroDivisionError):
        helpers.start(lambda: 1 // 0).result()
    helpers.close()


def test_a_forked_process_gets_threads_of_its_own() -> None:
    helpers = Helpers()
    helpers.count = 1
    helpers.start(os.getpid).result()
    helpers._process = -1  # as in a child, which has the pool and none of its threads
    assert helpers.start(os.getpid).result(timeout=10) == os.getpid()
    helpers.close()
