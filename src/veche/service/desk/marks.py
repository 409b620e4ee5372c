"""Marks in a masked text: where what was found stands, and where something is hidden.

Findings point into the original text, in code points; what is shown is the masked text, in which each hidden
stretch became a label of another length. A place inside a hidden stretch is the whole of its label.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

#: Start and end (exclusive) in code points.
Span = tuple[int, int]


@dataclass(frozen=True)
class Piece:
    """A piece of a masked text: words, or what stands for hidden ones; and what was found there."""

    text: str
    mask: str = ""
    facets: tuple[str, ...] = ()


def in_masked(spans: Iterable[Span], masks: Sequence[Mapping[str, Any]]) -> list[Span]:
    """Return where stretches of the original stand in the masked text; empty ones are left out.

    A mask whose hidden length is not known was made by an older version: what follows it cannot be placed and
    is left out too.
    """
    bounds = _bounds(masks)
    made = []
    for start, end in spans:
        first, last = _moved(start, bounds, 0), _moved(end, bounds, 1)
        if first is not None and last is not None and first < last:
            made.append((first, last))
    return made


def pieces(
    text: str, masks: Sequence[Mapping[str, Any]], found: Mapping[str, Iterable[Span]]
) -> Iterator[Piece]:
    """Yield a masked text piece by piece; joined, they are the text.

    Args:
        text: The masked text.
        masks: Where its labels stand.
        found: By facet, stretches of the masked text. They may overlap one another and the labels.
    """
    marks = [(start, end, facet) for facet, spans in found.items() for start, end in spans]
    edges = {0, len(text)}
    for start, end, _ in marks:
        edges |= {start, end}
    for mask in masks:
        edges |= {mask["start"], mask["end"]}
    ordered = sorted(edge for edge in edges if 0 <= edge <= len(text))
    for start, end in pairwise(ordered):
        facets = (f for first, last, f in marks if first <= start and end <= last)
        hidden = (m["type"] for m in masks if m["start"] <= start and end <= m["end"])
        yield Piece(text[start:end], next(hidden, ""), tuple(dict.fromkeys(facets)))


@dataclass(frozen=True)
class _Bound:
    """A hidden stretch: its places in the original and in the masked text."""

    start: int
    end: int
    shown: Span


def _bounds(masks: Sequence[Mapping[str, Any]]) -> list[_Bound]:
    made, shift = [], 0
    for mask in sorted(masks, key=lambda m: m["start"]):
        shown = (mask["start"], mask["end"])
        start = mask["start"] - shift
        if "length" not in mask:
            # Whatever it hides, it ends nobody knows where: all behind its beginning is inside.
            return [*made, _Bound(start, -1, shown)]
        made.append(_Bound(start, start + mask["length"], shown))
        shift += (shown[1] - shown[0]) - mask["length"]
    return made


def _moved(place: int, bounds: Sequence[_Bound], side: int) -> int | None:
    """Return a place of the original in the masked text; inside a hidden stretch, that side of its label."""
    shift = 0
    for bound in bounds:
        if place < bound.start or (place == bound.start and side):
            break
        if bound.end < 0:
            return None
        if place < bound.end or (place == bound.end and side):
            return bound.shown[side]
        shift = bound.shown[1] - bound.end
    return place + shift
