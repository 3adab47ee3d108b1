"""Threads of a server share the C library's heaps, however many threads there are; what it begins with is not looked
through again."""

import os
import platform
import subprocess
import sys

import pytest

PROGRAM = """
import re, threading, tempfile, ctypes, sys
from ragchat.runtime.operating.memory import few_arenas
libc = ctypes.CDLL(None)
if sys.argv[1] == "bounded":
    print(few_arenas(), end=" ")
libc.malloc.restype, libc.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
libc.malloc_info.argtypes = [ctypes.c_int, ctypes.c_void_p]
libc.fopen.restype, libc.fclose.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
together = threading.Barrier(12)
def work():
    together.wait()
    for _ in range(200):
        libc.malloc(5000)
    together.wait()
threads = [threading.Thread(target=work) for _ in range(12)]
for thread in threads: thread.start()
for thread in threads: thread.join()
with tempfile.NamedTemporaryFile("r") as file:
    stream = libc.fopen(file.name.encode(), b"w")
    libc.malloc_info(0, stream)
    libc.fclose(stream)
    print(len(re.findall("<heap nr=", file.read())))
"""


def heaps(mode: str, **variables: str) -> str:
    inherited = {name: value for name, value in os.environ.items() if name != "MALLOC_ARENA_MAX"}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, mode],
        env={**inherited, **variables},
        capture_output=True,
        text=True,
        check=True,
        timeout=100,
    )
    return done.stdout.strip()


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library than glibc")
def test_threads_share_two_heaps() -> None:
    assert int(heaps("as it is")) > 2
    assert heaps("bounded") == "True 2"


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library than glibc")
def test_what_the_operator_set_is_left_alone() -> None:
    assert heaps("bounded", MALLOC_ARENA_MAX="5") == "False 5"


def test_what_is_there_is_set_apart_and_garbage_is_still_found() -> None:
    program = """
import gc, weakref
from ragchat.runtime.operating.memory import set_apart
class Thing: pass
kept = [Thing() for _ in range(1000)]
apart = set_apart()
before = len(gc.get_objects())
circle = Thing(); circle.itself = circle
gone = weakref.ref(circle); del circle
gc.collect()
print(apart > 1000, before < apart, gone() is None, gc.isenabled())
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=100
    )
    assert done.stdout.split() == ["True"] * 4
