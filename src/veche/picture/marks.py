"""Shows in the masked text which words were the reason, though offsets point into the original."""

from collections.abc import Mapping, Sequence

#: How much of a text is shown around its first marked words, in code points.
_BEFORE = 120
_SHOWN = 360


def to_masked(text: str, masks: Sequence[Mapping[str, int]]) -> list[tuple[int, int]]:
    """Return (offset in the original, offset in `text`) where the two part, in order.

    Each mask stands in `text` as a label in square brackets, for example "[phone]".
    """
    steps = [(0, 0)]
    for mask in masks:
        original, masked = steps[-1]
        start = masked + mask["start"] - original
        end = text.find("]", start) + 1
        if end <= 0 or not text.startswith("[", start):
            break
        steps.append((mask["end"], end))
    return steps


def marked(
    text: str, *, masks: Sequence[Mapping[str, int]], evidence: Sequence[Mapping[str, int]]
) -> list[tuple[str, bool]]:
    """Return `text` in pieces, each with whether it is a reason; long texts are cut around the first."""
    steps = to_masked(text, masks)
    spans = sorted((_moved(e["start"], steps), _moved(e["end"], steps)) for e in evidence)
    spans = [(max(s, 0), min(e, len(text))) for s, e in spans if s < len(text)]
    start = max((spans[0][0] if spans else 0) - _BEFORE, 0)
    end = min(start + _SHOWN, len(text))
    pieces = [("… ", False)] if start else []
    at = start
    for s, e in spans:
        if s >= at and e <= end and e > s:
            pieces += [(text[at:s], False), (text[s:e], True)]
            at = e
    pieces.append((text[at:end], False))
    if end < len(text):
        pieces.append((" …", False))
    return [p for p in pieces if p[0]]


def _moved(offset: int, steps: Sequence[tuple[int, int]]) -> int:
    original, masked = max(s for s in steps if s[0] <= offset)
    return masked + offset - original
