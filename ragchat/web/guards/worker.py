"""One of several worker processes: what uvicorn's supervisor imports and calls in each of them."""

import os
from pathlib import Path

from fastapi import FastAPI

from ragchat.runtime.operating.logs import configure_logging
from ragchat.runtime.runtime import Runtime
from ragchat.settings import load_settings
from ragchat.web.app import create_app
from ragchat.web.desk.metrics import MULTIPROCESS, forget_process


def application() -> FastAPI:
    """The application of this process, as the environment says."""
    settings = load_settings()
    configure_logging(settings.log_level, settings.log_format)
    _bury_the_dead(Path(os.environ[MULTIPROCESS]))
    return create_app(Runtime(settings, lasting=True))


def _bury_the_dead(measures: Path) -> None:
    """What a worker that died left running and open in the measurements is not so any more."""
    for file in measures.glob("gauge_live*_*.db"):
        process = file.stem.rpartition("_")[2]
        if process.isdecimal() and not Path(f"/proc/{process}").exists():
            forget_process(int(process))
