"""The charts of the page as places in a drawing: lines, bands and dots, with the ticks of both axes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

#: The drawing, in its own units, and the room that the ticks take.
WIDTH, HEIGHT = 400, 260
LEFT, RIGHT, TOP, BOTTOM = 48, 12, 12, 34


@dataclass(frozen=True)
class Axis:
    """Values from `low` to `high`, the ticks among them, and how a value is told."""

    low: float
    high: float
    ticks: tuple[float, ...]
    shown: Callable[[float], str]


@dataclass(frozen=True)
class Drawn:
    """A chart: `line` and `band` are paths ("" for none), `dots` are (x, y, y of both ends of the interval),
    `rule` is the height of a level line (None for none), `mark` a place that matters, `even` the path of
    equal values."""

    x_ticks: list[tuple[float, str]]
    y_ticks: list[tuple[float, str]]
    line: str = ""
    band: str = ""
    dots: list[tuple[float, float, float, float]] = field(default_factory=list)
    rule: float | None = None
    mark: tuple[float, float] | None = None
    even: str = ""


#: A value with the ends of its interval.
Point = tuple[float, float, float, float]


def draw(
    points: Sequence[Point],
    *,
    x: Axis,
    y: Axis,
    line: bool = False,
    dots: bool = False,
    rule: float | None = None,
    mark: tuple[float, float] | None = None,
    even: bool = False,
) -> Drawn:
    """Return the chart of `points` (x, y, and the ends of the interval of y)."""

    def across(value: float) -> float:
        return _place(value, x.low, x.high, LEFT, WIDTH - RIGHT)

    def up(value: float) -> float:
        return _place(value, y.low, y.high, HEIGHT - BOTTOM, TOP)

    upper = [(across(p[0]), up(p[3])) for p in points]
    lower = [(across(p[0]), up(p[2])) for p in reversed(points)]
    low, high = max(x.low, y.low), min(x.high, y.high)
    return Drawn(
        x_ticks=[(across(tick), x.shown(tick)) for tick in x.ticks],
        y_ticks=[(up(tick), y.shown(tick)) for tick in y.ticks],
        line=_path([(across(p[0]), up(p[1])) for p in points]) if line else "",
        band=_path([*upper, *lower]) + "Z" if line and points else "",
        dots=[(across(p[0]), up(p[1]), up(p[2]), up(p[3])) for p in points] if dots else [],
        rule=None if rule is None else up(rule),
        mark=None if mark is None else (across(mark[0]), up(mark[1])),
        even=_path([(across(low), up(low)), (across(high), up(high))]) if even else "",
    )


def shares(shown: Callable[[float], str], *, low: float = 0.0) -> Axis:
    """Return an axis of shares from `low`, rounded down to a tenth, to 1."""
    start = int(max(0.0, min(low, 0.9)) * 10)
    step = 1 if start >= 5 else 2
    ticks = tuple(tenth / 10 for tenth in range(10, start - 1, -step))
    return Axis(ticks[-1] if ticks[-1] * 10 <= start else start / 10, 1.0, ticks, shown)


def _place(value: float, low: float, high: float, start: float, end: float) -> float:
    part = (min(max(value, low), high) - low) / (high - low or 1.0)
    return round(start + part * (end - start), 1)


def _path(places: Sequence[tuple[float, float]]) -> str:
    return "".join(f"{'M' if i == 0 else 'L'}{x:g} {y:g}" for i, (x, y) in enumerate(places))
