"""What a run is asked to do, and who is told how far it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True)
class Options:
    """What a run was asked to do. `stages` is empty for all; `workers` 0 means one per core; `guided`
    lets the pack's topics seed the themes; `after` is the folder of an earlier run to be followed;
    `model` is a model that decides, and `precision` what it promises by facet, "" for all others."""

    inputs: tuple[str, ...]
    out: Path
    pack: str
    language: str
    mapping: Mapping[str, str] = field(default_factory=dict)
    limit: int | None = None
    workers: int = 0
    engine: str = "local"
    stages: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    thorough_masks: bool = False
    n_themes: int | None = None
    guided: bool = False
    after: Path | None = None
    model: Path | None = None
    precision: Mapping[str, float] = field(default_factory=dict)
    seed: int = 7
    keep_original: bool = False
    resume: bool = False


class Progress(Protocol):
    """Is told how far a run is."""

    def step(self, name: str) -> None:
        """A step begins."""
        ...

    def advance(self, appeals: int, fraction: float | None) -> None:
        """`appeals` are understood so far; `fraction` of the input is read, where that is known."""
        ...


class Quiet:
    """A progress that tells nobody."""

    def step(self, name: str) -> None:
        """Ignore the step."""

    def advance(self, appeals: int, fraction: float | None) -> None:
        """Ignore the advance."""
