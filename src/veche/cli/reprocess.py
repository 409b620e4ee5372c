"""`veche reprocess`: lets a newer model or pack look again at appeals that were understood."""

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import click

from veche.cli.service import data_option, on_database, with_service
from veche.core.errors import UsageError
from veche.core.formats import formats
from veche.core.i18n import _, language, ngettext

if TYPE_CHECKING:
    from veche.service.inbox.reprocess import Outcome

#: Rows of the table of changes; the rest is summed up in one.
_ROWS = 30


def make_command() -> click.Command:
    """Return the command."""
    day = click.DateTime(["%Y-%m-%d"])
    return click.Command(
        "reprocess",
        callback=with_service(_reprocess),
        short_help=_("Understand appeals of a service anew, one facet, with the model and pack of today."),
        help=_(
            "Understand appeals anew with the model and pack of today. Findings are added and none is "
            "overwritten; what a person decided stays, and so does what somebody works on. If it was "
            "interrupted, the same call goes on."
        ),
        params=[
            data_option(),
            click.Option(
                ["--facet"], metavar=_("NAME"), required=True, help=_("Which facet, for example topic.")
            ),
            click.Option(
                ["--since"],
                metavar=_("DATE"),
                type=day,
                required=True,
                help=_("The first day, as 2026-01-31."),
            ),
            click.Option(["--until"], metavar=_("DATE"), type=day, help=_("The last day; today without it.")),
            click.Option(
                ["--tenant"], metavar=_("NAME"), help=_("One authority, by its short name; all without it.")
            ),
            click.Option(["--dry-run"], is_flag=True, help=_("Show what would change, and change nothing.")),
        ],
    )


def _reprocess(
    *,
    data: Path,
    facet: str,
    since: dt.datetime,
    until: dt.datetime | None,
    tenant: str | None,
    dry_run: bool,
) -> None:
    last = until.date() if until else dt.datetime.now(dt.UTC).date() + dt.timedelta(days=1)
    with on_database(data):
        from veche.service.inbox import reprocess as work
        from veche.service.inbox.means import opened

        chosen = list(work.tasks(facet, since=since.date(), until=last, tenant=tenant))
        if not chosen:
            raise UsageError(problem=_("There is no authority “{name}”.").format(name=tenant or ""))
        for one, task in chosen:
            understanding = opened(task.means)
            if facet not in understanding.makers:
                known = ", ".join(sorted(understanding.makers))
                problem = _("There is no facet “{facet}”. There are: {known}.")
                raise UsageError(problem=problem.format(facet=facet, known=known))
            click.echo(_("{authority}:").format(authority=one.name))
            if dry_run:
                outcome = work.preview(task, understanding=understanding, told=_told)
            else:
                outcome = work.reprocess(
                    task, understanding=understanding, actor="process:reprocess", told=_told
                )
            for line in _lines(outcome):
                click.echo(line)


def _told(seen: int) -> None:
    number = formats(language()).number
    text = ngettext("{count} appeal so far", "{count} appeals so far", seen)
    click.echo(text.format(count=number(seen)), err=True)


def _lines(outcome: "Outcome") -> list[str]:
    number = formats(language()).number
    lines = [
        _("  {changed} of {seen} appeals change; {spared} are left as people decided.").format(
            changed=number(outcome.changed), seen=number(outcome.seen), spared=number(outcome.spared)
        )
    ]
    for (before, after), count in outcome.moves.most_common(_ROWS):
        examples = ", ".join(outcome.examples[before, after])
        lines.append(f"  {number(count):>9}  {before or '—'} → {after or '—'}  ({examples})")
    rest = sum(outcome.moves.values()) - sum(n for _move, n in outcome.moves.most_common(_ROWS))
    if rest:
        lines.append(_("  {count} change otherwise.").format(count=number(rest)))
    return lines
