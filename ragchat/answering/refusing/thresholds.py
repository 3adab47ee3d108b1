"""The thresholds between answered, nearest and refused: data of the package, stored with each generation at ingest, and
fitted for one index by `ragchat eval --calibrate`.

There is a pair for each fitting of the chooser: with a second reader's grades and without.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final, Literal, TypeAlias, get_args

Fitting: TypeAlias = Literal["graded", "ungraded"]

_FILE: Final = "thresholds.json"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From `answered` on an answer is said, from `near` on the nearest quotes are shown; both in [0, 1]."""

    answered: float
    near: float


def thresholds_of(settings: Mapping[str, float], fitting: Fitting) -> Thresholds:
    """Those of the generation, else the package's."""
    shipped = _shipped()[fitting]
    answered = settings.get(setting(fitting, "answered"), shipped.answered)
    return Thresholds(answered, min(settings.get(setting(fitting, "near"), shipped.near), answered))


def shipped_settings() -> dict[str, float]:
    """The package's thresholds as settings of a generation."""
    settings: dict[str, float] = {}
    for fitting, shipped in _shipped().items():
        settings[setting(fitting, "answered")] = shipped.answered
        settings[setting(fitting, "near")] = shipped.near
    return settings


def setting(fitting: Fitting, name: Literal["answered", "near"]) -> str:
    """The name under which a generation stores a threshold."""
    return f"{fitting}_{name}_threshold"


@cache
def _shipped() -> Mapping[Fitting, Thresholds]:
    content = files("ragchat.answering.refusing").joinpath(_FILE).read_text("utf-8")
    fitted = json.loads(content)
    known: tuple[Fitting, ...] = get_args(Fitting)
    return {
        fitting: Thresholds(float(fitted[fitting]["answered"]), float(fitted[fitting]["near"]))
        for fitting in known
    }
