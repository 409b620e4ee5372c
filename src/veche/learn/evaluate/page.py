"""The page of an evaluation: one HTML file without programs, made from the document alone."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from typing import Any

import jinja2
import markupsafe

from veche.core import i18n
from veche.core.i18n import _
from veche.core.look import Look
from veche.learn.evaluate import charts, words
from veche.learn.evaluate.slices import LENGTHS

#: Labels that stand in the table at once; the others unfold.
_LABELS_SHOWN = 25

#: A gap between groups of people is worth a word when all of its interval lies on one side.
_POINTS = 100


def render(document: Mapping[str, Any], look: Look) -> str:
    """Return the page in the language in force."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("veche.learn.evaluate"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    f = look.formats
    environment.globals.update(_=i18n._, ngettext=i18n.ngettext, words=words, chart_size=charts)
    environment.filters.update(
        day=lambda day: f.day(dt.date.fromisoformat(day)),
        number=f.number,
        share=_share(look),
        points=_points(look),
        size=f.size,
        seconds=f.seconds,
    )
    style = look.style + (files("veche.learn.evaluate") / "templates" / "evaluation.css").read_text("utf-8")
    views = [_view(f"f{i}", name, said, look) for i, (name, said) in enumerate(document["facets"].items())]
    return environment.get_template("evaluation.html").render(
        language=f.language,
        style=markupsafe.Markup(style),
        policy=look.policy(style),
        document=document,
        about=document["about"],
        views=views,
        f=f,
    )


def _share(look: Look) -> Any:
    return lambda value: "–" if value is None else look.formats.share(value)


def _points(look: Look) -> Any:
    """Format a difference of shares in percentage points, with its sign."""

    def shown(value: float | None) -> str:
        if value is None:
            return "–"
        text = look.formats.number(value * _POINTS, digits=1)
        return f"+{text}" if value > 0 else text

    return shown


def _view(anchor: str, name: str, said: Mapping[str, Any], look: Look) -> dict[str, Any]:
    titles: Mapping[str, str] = said["titles"]

    def titled(label: str | None) -> str:
        return "" if label is None else titles.get(label) or label

    per_class = [one | {"title": titled(one["label"])} for one in said["per_class"]]
    pairs = [p | {"a_title": titled(p["a"]), "b_title": titled(p["b"])} for p in said["confusions"]]
    return {
        "anchor": anchor,
        "name": name,
        "said": said,
        "verdict": words.verdict(said, look.formats),
        "figures": words.figure_names(said),
        "curve": _curve(said, look),
        "reliability": _reliability(said, look),
        "growth": _growth(said, look),
        "per_class": per_class[:_LABELS_SHOWN],
        "more_classes": per_class[_LABELS_SHOWN:],
        "pairs": [p | {"remedy": words.remedy(p)} for p in pairs],
        "slices": _slices(said["slices"], look),
        "suspects": [
            one | {"given": titled(one["given"]), "said": titled(one["said"])}
            for one in said["suspects"]["listed"]
        ],
        "drift": _drift(said["drift"]),
    }


def _curve(said: Mapping[str, Any], look: Look) -> charts.Drawn:
    points = [(p["coverage"], p["precision"], *p["precision_interval"]) for p in said["curve"]]
    y = charts.shares(look.formats.share, low=min([said["promise"], *(p[1] for p in points)]) - 0.05)
    kept = said["alone_of_said"], said["precision"]
    mark = None if None in kept or not said["decided_alone"] else kept
    x = charts.shares(look.formats.share)
    return charts.draw(points, x=x, y=y, line=True, rule=said["promise"], mark=mark)


def _reliability(said: Mapping[str, Any], look: Look) -> charts.Drawn:
    points = [(b["chance"], b["right"], *b["right_interval"]) for b in said["reliability"]]
    axis = charts.shares(look.formats.share)
    return charts.draw(points, x=axis, y=axis, dots=True, even=True)


def _growth(said: Mapping[str, Any], look: Look) -> charts.Drawn | None:
    if said["growth"] is None:
        return None
    points = [(p["learnt_from"], p["right"], *p["right_interval"]) for p in said["growth"]["points"]]
    sizes = tuple(float(p[0]) for p in points)
    x = charts.Axis(0.0, sizes[-1] * 1.08, (0.0, *sizes), look.formats.number)
    y = charts.shares(look.formats.share, low=min(p[2] for p in points) - 0.05)
    return charts.draw(points, x=x, y=y, line=True, dots=True)


def _slices(parts: Sequence[Mapping[str, Any]], look: Look) -> list[dict[str, Any]]:
    tables = []
    for by in dict.fromkeys(part["by"] for part in parts):
        rows = [{**part, "name": _part_name(by, part["value"], look)} for part in parts if part["by"] == by]
        tables.append({"by": words.trait(by), "rows": [row | {"verdict": _gap(row)} for row in rows]})
    return tables


def _part_name(by: str, value: str, look: Look) -> str:
    if by != "length":
        return look.label("age_group" if by == "age" else by, value) or value
    least = int(value)
    above = next((n for n in LENGTHS if n > least), None)
    if above is None:
        return _("{least} words and more").format(least=least)
    return _("{least} to {most} words").format(least=least, most=above - 1)


def _gap(part: Mapping[str, Any]) -> str:
    ends = part["gap_interval"]
    if ends is None or ends[0] <= 0 <= ends[1]:
        return _("no difference that is certain")
    return _("served worse") if ends[1] < 0 else _("served better")


def _drift(drift: Mapping[str, Any] | None) -> list[dict[str, Any]] | None:
    return None if drift is None else list(_drift_rows(drift))


def _drift_rows(drift: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    indices = {name: one["psi"] for name, one in drift["traits"].items()}
    indices |= {"length": drift["length_psi"], "words": drift["words_psi"]}
    for name, psi in indices.items():
        unknown = drift["traits"].get(name, {})
        yield {
            "name": words.trait(name),
            "psi": psi,
            "verdict": words.moved(psi),
            "then": unknown.get("unknown_then"),
            "now": unknown.get("unknown_now"),
        }
