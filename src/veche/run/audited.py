"""The audit of a run's own digest, and what an audit of any digest needs to know of the run.

Measuring is the business of `veche.audit`; here its answers get the territories and names of the pack.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
import pyarrow.parquet as pq
from threadpoolctl import threadpool_limits

from veche.audit import Whole, audit_file
from veche.audit.page import render
from veche.audit.stored import read_whole
from veche.core.errors import UsageError
from veche.core.formats import formats
from veche.core.i18n import _, language
from veche.core.look import Look
from veche.packs.model import Pack
from veche.picture.disclosure import protect_line
from veche.picture.report import policy, style
from veche.picture.tree import places_of
from veche.picture.words import apart_from_themes, label, title
from veche.themes import forms

FILE = "audit.json"
PAGE = "audit.html"

#: Random samples that a run's own digest is compared with: a fifth of those of `veche audit`, as nobody
#: asked for the run's audit and it must not cost minutes.
SAMPLES = 200


def audit_run(out: Path, *, pack: Pack, seed: int) -> dict[str, Any]:
    """Audit `digest.json` of the run at `out`; write `audit.json` and `audit.html`.

    Returns what the manifest says of it: whether it was made, else why not.
    """
    try:
        with threadpool_limits(1):  # the same bytes on one core or many
            whole = audited(out / "digest.json", out, columns={}, pack=pack, seed=seed, samples=SAMPLES)
    except UsageError as error:
        for name in (FILE, PAGE):  # what an earlier state of the run was told
            (out / name).unlink(missing_ok=True)
        return {"status": "skipped", "reason": error.text()}
    (out / FILE).write_bytes(
        orjson.dumps({**whole.to_json(), "digest": "digest.json", "seed": seed}, option=orjson.OPT_INDENT_2)
    )
    _write_page(out, whole, pack)
    return {"status": "done", "seed": seed, "samples": whole.audit.samples}


def translate_page(out: Path, *, pack: Pack) -> None:
    """Write `audit.html` of the run at `out` again in the language in force, if there is an audit."""
    if (out / FILE).is_file():
        _write_page(out, read_whole(orjson.loads((out / FILE).read_bytes())), pack)


def _write_page(out: Path, whole: Whole, pack: Pack) -> None:
    title = _("The quotations that this run chose")
    (out / PAGE).write_text(render(whole, look_of(out, pack), title=title), encoding="utf-8")


def audited(
    digest: Path, appeals: Path, *, columns: dict[str, str], pack: Pack | None, seed: int, samples: int
) -> Whole:
    """Audit a digest against the appeals of a run, by the parts of the country of `pack`.

    Raises:
        UsageError: the digest or the folder cannot be audited; the message says why.
    """
    return audit_file(
        digest,
        appeals,
        columns=columns,
        protect=protect_line,
        regions=_regions(pack),
        plain=_without_form,
        seed=seed,
        samples=samples,
    )


def look_of(appeals: Path, pack: Pack | None, *, columns: Mapping[str, str] | None = None) -> Look:
    """Return how a page about the run in `appeals` looks, in the language in force.

    `columns` are the columns behind dimensions that a person named.
    """
    return Look(
        style=style(),
        policy=lambda sheet: policy(styles=[sheet], programs=[]),
        formats=formats(language()),
        label=_labels(appeals, pack, columns or {}),
    )


def _regions(pack: Pack | None) -> dict[str, str] | None:
    if pack is None:
        return None
    return {code: region for code, (region, _below) in places_of(pack.territories).items() if region}


def _without_form(texts: Sequence[str]) -> list[str]:
    form = forms.find_form(texts)
    return [forms.without_form(text, form) or text for text in texts]


def _labels(appeals: Path, pack: Pack | None, columns: Mapping[str, str]) -> Callable[[str, str], str | None]:
    paths = [folder / "themes.parquet" for folder in (appeals, appeals.parent)]
    path = next((p for p in paths if p.is_file()), None)
    themes = (
        dict(zip(*pq.read_table(path, columns=["theme", "name"]).to_pydict().values(), strict=True))
        if path
        else {}
    )

    def named(dimension: str, value: str) -> str | None:
        column = columns.get(dimension, dimension)
        if column == "theme":
            return apart_from_themes(value) or themes.get(value)
        if column == "group" and value.startswith("age:"):
            return label("age_group", value.removeprefix("age:"))
        return _titled(pack, column, value) or label(column, value)

    return named


def _titled(pack: Pack | None, column: str, value: str) -> str | None:
    """What the pack calls a topic or a part of the country."""
    if pack is None:
        return None
    nodes = {"territory": pack.territories, "place": pack.territories, "topic": pack.topics}.get(column)
    return title(nodes[value].title, language()) if nodes and value in nodes else None
