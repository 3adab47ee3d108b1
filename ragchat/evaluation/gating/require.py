"""Requirements such as `recall_at_5>=0.9`: what makes a CI run or a gated publish fail, and by how much."""

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from ragchat.errors import UsageError
from ragchat.evaluation.result import FIGURES

_FORM = re.compile(r"\s*([\w.]+)\s*(>=|<=|==|>|<)\s*(\S+)\s*")
_COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    ">": operator.gt,
    "<": operator.lt,
}


@dataclass(frozen=True, slots=True)
class Requirement:
    """`figure` is the dotted path of a figure; `comparison` one of >=, <=, ==, >, <."""

    figure: str
    comparison: str
    bound: float

    def __str__(self) -> str:
        return f"{self.figure}{self.comparison}{self.bound:g}"

    @property
    def needs_answers(self) -> bool:
        """Whether questions must be answered, not only searched for, before this can be checked."""
        return self.figure.split(".")[0] in ("answers", "refusal", "citations")


@dataclass(frozen=True, slots=True)
class Failure:
    """A requirement that does not hold; `value` None means that the questions give nothing to measure it on."""

    requirement: Requirement
    value: float | None

    def __str__(self) -> str:
        if self.value is None:
            return f"{self.requirement}: nothing to measure in these questions"
        gap = abs(self.value - self.requirement.bound)
        return f"{self.requirement}: it is {self.value:.4g}, off by {gap:.2g}"


def parse_requirements(texts: Iterable[str]) -> tuple[Requirement, ...]:
    """Each text is `<figure><comparison><number>`, or several of them separated by commas. UsageError otherwise."""
    parts = [part for text in texts for part in text.split(",") if part.strip()]
    return tuple(_parse(part) for part in parts)


def _parse(text: str) -> Requirement:
    form = _FORM.fullmatch(text)
    if form is None:
        raise UsageError(
            f"Cannot read the requirement {text!r}.",
            hint='Expected a figure, one of >= <= == > <, and a number, as in "recall_at_5>=0.9".',
        )
    name, comparison, number = form.groups()
    try:
        bound = float(number)
    except ValueError as error:
        raise UsageError(f"{number!r} in the requirement {text!r} is not a number.") from error
    if bound != bound:
        raise UsageError(f"The requirement {text!r} compares with NaN, which nothing can meet.")
    return Requirement(_figure_path(name), comparison, bound)


def _figure_path(name: str) -> str:
    paths = [figure.path for figure in FIGURES if name in (figure.path, figure.name)]
    if len(paths) == 1:
        return paths[0]
    if paths:
        raise UsageError(f"{name!r} is ambiguous: {' or '.join(paths)}.", hint="Write the section too.")
    raise UsageError(
        f"There is no figure named {name!r}.",
        hint="Known: " + ", ".join(figure.path for figure in FIGURES) + ".",
    )


def failures(requirements: Iterable[Requirement], figures: Mapping[str, float | None]) -> list[Failure]:
    """The requirements that do not hold; one on a figure without a value never holds."""
    failed = []
    for requirement in requirements:
        value = figures[requirement.figure]
        if value is None or not _COMPARE[requirement.comparison](value, requirement.bound):
            failed.append(Failure(requirement, value))
    return failed
