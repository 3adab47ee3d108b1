"""Files of the models in the package: read once, proved by their SHA256SUMS; and the onnxruntime session that both use.

Heavy imports happen here, so import this module lazily.
"""

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

os.environ["ORT_DISABLE_TELEMETRY"] = "1"
# Read when it is imported: its wheels keep a device's id in the user's cache and report events to their maker.
import onnxruntime  # type: ignore[import-untyped]

from ragchat.errors import NotReady

LONGEST_READ: Final = 16_384
"""Code points tokenized at most: 64 for each token of a window of 256."""
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def readable(text: str) -> str:
    """At most `LONGEST_READ` code points; lone surrogates, which have no UTF-8, become U+FFFD: offsets stay."""
    text = text[:LONGEST_READ]
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)


@dataclass(frozen=True, slots=True)
class ModelFile:
    content: bytes
    sha256: str


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a shipped model lies, the tool that builds it, and the stable code of the error when it is not whole."""

    directory: Path
    tool: str
    code: str


def verified_files(origin: Origin) -> dict[str, ModelFile]:
    """The files named in SHA256SUMS by name, read once (23 MB hash in about 15 ms). Raises NotReady."""
    files = {}
    for line in _read(origin, "SHA256SUMS").decode().splitlines():
        expected, name = line.split(maxsplit=1)
        content = _read(origin, name)
        actual = hashlib.sha256(content).hexdigest()
        if actual != expected:
            raise _not_ready(origin, name, f"is damaged: its sha256 is {actual[:16]}…, not {expected[:16]}…")
        files[name] = ModelFile(content, actual)
    return files


def _read(origin: Origin, name: str) -> bytes:
    try:
        return (origin.directory / name).read_bytes()
    except OSError as error:
        raise _not_ready(origin, name, f"cannot be read ({error.strerror})") from error


def _not_ready(origin: Origin, name: str, problem: str) -> NotReady:
    hint = f"Reinstall ragchat, or run tools/{origin.tool} in a clone."
    return NotReady(f"The model's file {origin.directory / name} {problem}.", hint=hint, code=origin.code)


def session_of(model: bytes) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # Fusing Add and LayerNormalization makes them six times slower (bench/embedding/README.md).
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.enable_cpu_mem_arena = False  # as fast, and memory does not grow with the longest passage
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
