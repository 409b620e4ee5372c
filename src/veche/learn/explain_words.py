"""Why a model says a label of an appeal, in the reader's words: what speaks for it and against it.

The parts add up to the score; what is too small to be named is told as one sum, so nothing is hidden.
"""

from dataclasses import dataclass

from veche.core.formats import Formats
from veche.core.i18n import _
from veche.learn.examples import Inputs
from veche.learn.explain import START, TRAIT, WHOLE, Reason, explain
from veche.learn.model import FacetModel
from veche.packs.model import Pack
from veche.packs.text import in_language

#: So many reasons are named on either side.
MOST = 6


@dataclass(frozen=True)
class Explained:
    """A label with its calibrated `chance`, its `score`, and the `reasons` that sum to it, the heaviest
    first."""

    label: str
    chance: float
    score: float
    reasons: tuple[Reason, ...]


def explained(facet: FacetModel, inputs: Inputs, *, n: int) -> list[Explained]:
    """Return the `n` likeliest labels of the one appeal of `inputs`."""
    chances = facet.chances(inputs)[0]
    found = []
    for label in sorted(range(len(chances)), key=lambda i: (-chances[i], i))[:n]:
        reasons = explain(facet.head, inputs, label)
        score = sum(reason.weight for reason in reasons)
        found.append(Explained(facet.labels.names[label], float(chances[label]), score, tuple(reasons)))
    return found


def sentences(one: Explained, f: Formats, *, pack: Pack, language: str) -> list[str]:
    """Return what speaks for a label, what against it, and the sum: a line each."""
    lines = []
    told = 0.0
    for title, sign in ((_("for:"), 1), (_("against:"), -1)):
        side = [reason for reason in one.reasons if reason.weight * sign > 0][:MOST]
        told += sum(reason.weight for reason in side)
        if side:
            named = [f"{_name(r, pack, language)} {_signed(r.weight, f)}" for r in side]
            lines.append(f"{title} {'; '.join(named)}")
    rest = one.score - told
    sums = _("all else {rest}; together {score}")
    return [*lines, sums.format(rest=_signed(rest, f), score=_signed(one.score, f))]


def _signed(weight: float, f: Formats) -> str:
    return ("+" if weight >= 0 else "−") + f.number(abs(weight), digits=2)


def _name(reason: Reason, pack: Pack, language: str) -> str:
    if reason.kind == START:
        return _("what every appeal has")
    if reason.kind == WHOLE:
        return _("the sense of the whole text")
    if reason.kind == TRAIT:
        trait, _equals, value = reason.name.partition("=")
        if trait == "territory" and value in pack.territories:
            value = in_language(pack.territories[value].title, language, *pack.languages)
        words = {"territory": _("territory {value}"), "channel": _("channel {value}")}
        return words.get(trait, "{value}").format(value=value)
    return _("“{words}”").format(words=reason.name)
