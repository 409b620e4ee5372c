"""What a check of a service has found: one thing that is as it should be, or is to be mended."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from veche.core.errors import VecheError


@dataclass(frozen=True)
class Found:
    """One thing that was checked. `advice` says how to mend it, or what cannot be seen from here."""

    name: str
    sound: bool
    said: str
    advice: str = ""


def guarded(name: str, check: Callable[[], Iterable[Found]]) -> list[Found]:
    """Return what a check found; one that runs into one of our errors has found that."""
    try:
        return list(check())
    except VecheError as error:
        return [Found(name, False, error.text(), error.advice())]
