"""What `veche run` prints at the end: what was found and where it lies."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import duckdb

from veche.cli.history import fields_told
from veche.core.formats import formats
from veche.core.i18n import _, language
from veche.packs.text import in_language
from veche.picture.decided import decided
from veche.run.job import Outcome

_SHOWN = 5


def print_summary(outcome: Outcome, out: Path) -> None:
    """Print counts, the first topics and themes, and where the report lies."""
    counts, number = outcome.manifest["counts"], formats(language()).number
    click.echo(
        _("Read {read}: accepted {accepted} + rejected {rejected}. Copies among them: {copies}.").format(
            **{name: number(n) for name, n in counts.items()}
        )
    )
    for source in outcome.manifest["inputs"]:
        fields = fields_told({field: column for field, (column, _how) in source["mapping"].items()})
        if fields:
            click.echo(_("Fields of {name}: {fields}").format(name=source["name"], fields=fields))
    if counts["accepted"]:
        _print_top(outcome, out)
    _print_other_pack(outcome.manifest)
    for facet in decided(outcome.manifest, formats(language())):
        click.echo(facet["text"])
    if counts["rejected"]:
        click.echo(_("Rows not taken, with reasons: {path}").format(path=out / "rejects.csv"))
    click.echo(_("Report: {path}").format(path=outcome.report))


def _print_top(outcome: Outcome, out: Path) -> None:
    known, number = outcome.pack.topics, formats(language()).number
    appeals = str(out / "appeals" / "*.parquet")
    topics = _counted(appeals, "topic")
    if topics:
        click.echo(_("Topics people write about most:"))
        for code, n in topics:
            title = in_language(known[code].title, language()) if code in known else ""
            click.echo(f"  {number(n):>9}  {title or code}")
    themes = duckdb.execute(
        "select name, size from read_parquet(?) where parent is null and theme <> 'rare' "
        "and not says_nothing order by size desc, theme limit ?",
        [str(out / "themes.parquet"), _SHOWN],
    ).fetchall()
    if themes:
        click.echo(_("Themes that nobody listed:"))
        for name, n in themes:
            click.echo(f"  {number(n):>9}  {name}")


def _print_other_pack(manifest: Mapping[str, Any]) -> None:
    """Say where the model was made with another pack, or another version of it, than the run."""
    theirs, pack = manifest.get("model", {}).get("pack"), manifest["pack"]
    if theirs and theirs["code"] and theirs != pack:
        line = _(
            "Mind that the model was made with the pack {theirs} and this run with {pack}: what has changed "
            "between them the model does not know."
        )
        shown = (" ".join(one.values()) for one in (theirs, pack))
        click.echo(line.format(**dict(zip(("theirs", "pack"), shown, strict=True))))


def _counted(appeals: str, facet: str) -> list[tuple[str, int]]:
    columns = duckdb.execute("select column_name from (describe select * from read_parquet(?))", [appeals])
    if (facet,) not in columns.fetchall():
        return []
    query = f"select {facet}, count(*) n from read_parquet(?) where {facet} is not null group by 1"
    return duckdb.execute(query + " order by n desc, 1 limit ?", [appeals, _SHOWN]).fetchall()
