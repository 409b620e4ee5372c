"""Which stages there are: ours and third parties', all found through the entry points `veche.stages`."""

from collections.abc import Sequence
from importlib.metadata import entry_points

from veche.core.errors import UnknownStage
from veche.engine.stage import Stage

GROUP = "veche.stages"


def available() -> dict[str, type[Stage]]:
    """Return the stage classes by name, in the order of the names."""
    return {entry.name: entry.load() for entry in sorted(entry_points(group=GROUP), key=lambda e: e.name)}


def make(names: Sequence[str]) -> list[Stage]:
    """Return a new stage for each name.

    Raises:
        UnknownStage: there is no stage of that name.
    """
    known = available()
    for name in names:
        if name not in known:
            raise UnknownStage(name=name, known=", ".join(known))
    return [known[name]() for name in names]
