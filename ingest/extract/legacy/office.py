"""LibreOffice as a program that saves an old file in the format of today."""

import os
import resource
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import Final

SECONDS: Final = 45.0
"""For one file: less than it may take in all."""
MEMORY: Final = 4 * 1024**3
_FILTERS: Final = {"docx": "MS Word 2007 XML", "pptx": "Impress MS PowerPoint 2007 XML"}


@cache
def program() -> str | None:
    """Where LibreOffice is; None where it is not installed."""
    return shutil.which("soffice") or shutil.which("libreoffice")


def converted(data: bytes, suffix: str) -> bytes | None:
    """The document in the format of `suffix` (docx, pptx); None without LibreOffice, where it fails or takes too long.

    It runs with a profile of its own, so that it neither meets nor waits for another LibreOffice; macros never run in a
    conversion.
    """
    path = program()
    if path is None:
        return None
    with tempfile.TemporaryDirectory(prefix="ragchat-office-") as folder:
        source = Path(folder) / f"document.{suffix[:3]}"
        source.write_bytes(data)
        command = [path, "--headless", "--norestore", f"-env:UserInstallation=file://{folder}/profile"]
        command += ["--convert-to", f"{suffix}:{_FILTERS[suffix]}", "--outdir", f"{folder}/out", str(source)]
        try:
            subprocess.run(
                command,
                capture_output=True,
                timeout=SECONDS,
                check=False,
                env={**os.environ, "HOME": folder},
                preexec_fn=_more_memory,
            )
            return (Path(folder) / "out" / f"document.{suffix}").read_bytes()
        except (subprocess.TimeoutExpired, OSError):
            return None


def _more_memory() -> None:
    """As much as the child that reads may have is too little for it; the hard limit stays."""
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    if soft != resource.RLIM_INFINITY and (hard == resource.RLIM_INFINITY or hard >= MEMORY):
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, hard))
