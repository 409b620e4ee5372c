"""Why a model says a label of an appeal, in the reader's words: what speaks for it and against it.

The parts add up to the score; what is too small to be named is told as one sum, so nothing is hidden.
"""

from dataclasses import dataclass

from veche.core.formats import Formats
from veche.core.i18n import _
from veche.learn.circumstances import CELL, HOUR, MONTH, PERIOD, WEEKDAY
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
        return trait_in_words(reason.name, pack, language)
    return _("“{words}”").format(words=reason.name)


def trait_in_words(name: str, pack: Pack, language: str) -> str:
    """Return what a trait ("territory=ru-75", "hour=07") says of an appeal."""
    trait, _equals, value = name.partition("=")
    if trait == MONTH:
        return _months()[int(value) - 1]
    if trait == WEEKDAY:
        return _weekdays()[int(value) - 1]
    if trait == PERIOD and "-" in value:
        year, quarter = value.split("-")
        return _("in quarter {quarter} of {year}").format(quarter=quarter, year=year)
    if trait == "territory" and value in pack.territories:
        value = in_language(pack.territories[value].title, language, *pack.languages)
    words = {
        "territory": _("territory {value}"),
        "channel": _("channel {value}"),
        PERIOD: _("in the year {value}"),
        HOUR: _("in the hour from {value}:00"),
        CELL: _("in the square kilometre around {value}"),
    }
    return words.get(trait, "{value}").format(value=value)


def _months() -> list[str]:
    return [
        _("in January"),
        _("in February"),
        _("in March"),
        _("in April"),
        _("in May"),
        _("in June"),
        _("in July"),
        _("in August"),
        _("in September"),
        _("in October"),
        _("in November"),
        _("in December"),
    ]


def _weekdays() -> list[str]:
    return [
        _("on a Monday"),
        _("on a Tuesday"),
        _("on a Wednesday"),
        _("on a Thursday"),
        _("on a Friday"),
        _("on a Saturday"),
        _("on a Sunday"),
    ]
