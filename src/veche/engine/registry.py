"""Which stages and engines there are: ours and third parties', all found through entry points."""

from collections.abc import Sequence
from importlib.metadata import entry_points

from veche.core.errors import UnknownEngine, UnknownStage
from veche.engine.local import Engine
from veche.engine.stage import Stage

STAGES = "veche.stages"
ENGINES = "veche.engines"


def available() -> dict[str, type[Stage]]:
    """Return the stage classes by name, in the order of the names."""
    return {entry.name: entry.load() for entry in sorted(entry_points(group=STAGES), key=lambda e: e.name)}


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


def make_engine(name: str, *, workers: int) -> Engine:
    """Return the engine of that name, for `workers` workers.

    Raises:
        UnknownEngine: no engine of that name is installed.
    """
    known = {entry.name: entry for entry in entry_points(group=ENGINES)}
    if name not in known:
        raise UnknownEngine(name=name, known=", ".join(sorted(known)))
    return known[name].load()(workers)
