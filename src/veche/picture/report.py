"""The report: one HTML file that tells what the appeals say, and opens without a network.

All of it lies in the file: style, programs and figures. A content-security policy in the page allows
just these by their digests, so nothing that a citizen wrote can run or reach outside.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import jinja2
import markupsafe

from veche.core import i18n
from veche.core.formats import formats
from veche.core.i18n import _
from veche.packs.model import Pack
from veche.picture import accounts, fairness, news, people, sections, voices
from veche.picture.cells import Cells
from veche.picture.cube import connect
from veche.picture.decided import decided
from veche.picture.disclosure import THRESHOLD
from veche.picture.facts import BANDS, read_facts
from veche.picture.material import Material, gather
from veche.picture.words import title
from veche.picture.written import read_written

#: The file that holds the report.
REPORT = "report.html"

_ASSETS = files("veche.picture") / "assets"


def write_report(out: Path, *, pack: Pack, manifest: Mapping[str, Any], language: str) -> Path:
    """Write `report.html` for a finished run and return its path.

    Args:
        out: the output folder with appeals, `picture.parquet` and what else the run has written.
        pack: gives the titles of topics and territories, populations and shapes.
        manifest: what was read, by which versions, with which results.
        language: the language of the report, one of `veche.core.i18n.LANGUAGES`.
    """
    before = i18n.language()
    i18n.set_language(language)
    try:
        html = _page(_material(out, pack, manifest, language))
    finally:
        i18n.set_language(before)
    path = out / REPORT
    begun = path.with_suffix(".part")
    begun.write_text(html, encoding="utf-8")
    begun.replace(path)
    return path


def _material(out: Path, pack: Pack, manifest: Mapping[str, Any], language: str) -> Material:
    with connect(out) as con:
        facts = read_facts(con, out)
    return gather(
        Cells.read(out),
        facts=facts,
        written=read_written(out),
        manifest=manifest,
        pack=pack,
        formats=formats(language),
    )


def _page(m: Material) -> str:
    style_sheet, programs = style(), [_asset("echarts.min.js"), _asset("report.js")]
    view = _view(m)
    charts = {
        "time": view["time"]["chart"],
        "week": view["time"].get("week"),
        "topics": view["topics"]["chart"],
        "sureness": view["sureness"]["chart"] if view["sureness"] else None,
    }
    data = {
        "language": m.formats.language,
        "thousands": m.formats.thousands,
        "decimal": m.formats.decimal,
        "space": m.formats.space,
        "more": _("Show all {n}"),
        "charts": {name: chart for name, chart in charts.items() if chart},
    }
    return (
        _environment(m)
        .get_template("report.html")
        .render(
            **view,
            style=markupsafe.Markup(style_sheet),
            programs=[markupsafe.Markup(p) for p in programs],
            data=markupsafe.Markup(_json(data)),
            policy=policy(styles=[style_sheet], programs=programs),
        )
    )


def _view(m: Material) -> dict[str, Any]:
    return {
        "language": m.formats.language,
        "pack_title": title(m.pack.title, m.formats.language) or m.pack.code,
        "total": m.total,
        "headline": sections.headline(m),
        "standouts": accounts.standouts(m),
        "time": sections.timeline(m),
        "topics": sections.topics(m),
        "themes": voices.themes(m),
        "digest": voices.digest(m),
        "rare": voices.rare(m),
        "news": news.news(m),
        "fairness": fairness.representation(m),
        "places": sections.places(m),
        "people": people.who_writes(m),
        "by_age": people.worries_by_age(m),
        "urgent": accounts.urgent(m),
        "sureness": accounts.sureness(m),
        "decided": decided(m.manifest, m.formats),
        "unread": accounts.unread(m),
        "made": accounts.how_made(m),
        "smallest": THRESHOLD,
        "threshold": BANDS[1],
    }


def _environment(m: Material) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("veche.picture"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    f = m.formats
    environment.globals.update(_=i18n._, ngettext=i18n.ngettext)
    environment.filters.update(
        number=f.number, share=f.share, change=f.change, day=f.day, size=f.size, seconds=f.seconds
    )
    return environment


def _asset(name: str) -> str:
    return (_ASSETS / name).read_text(encoding="utf-8")


def style() -> str:
    """Return the style sheet of the report."""
    return _asset("report.css")


def _json(data: Any) -> str:
    """Return JSON that cannot end the element that holds it."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def policy(*, styles: list[str], programs: list[str]) -> str:
    """Return the content-security policy: nothing but these styles and programs (CSP level 3)."""
    return "; ".join(
        [
            "default-src 'none'",
            "script-src " + " ".join(map(_digest, programs)),
            "style-src " + " ".join(map(_digest, styles)),
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
