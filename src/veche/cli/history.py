"""What `veche train` and `veche evaluate` print of the history that they read."""

from collections.abc import Mapping

import click

from veche.core.formats import Formats
from veche.core.i18n import _
from veche.learn.notes import Notes

#: So many of a list are printed.
MOST_PRINTED = 5

#: Of more columns of labels the first and the last are named.
_MOST_COLUMNS = 6


def print_history(notes: Notes, *, distinct: int, f: Formats) -> None:
    """Print how many rows were taken, why others were not, and which columns hold what."""
    click.echo(
        _("Read {read}: accepted {accepted} + rejected {rejected}; {distinct} different texts.").format(
            read=f.number(notes.read),
            accepted=f.number(notes.accepted),
            rejected=f.number(notes.rejected),
            distinct=f.number(distinct),
        )
    )
    for reason, n in [*notes.reasons.items()][:MOST_PRINTED]:
        click.echo(f"  {f.number(n)}: {reason}")
    alike: dict[str, str] = {}
    for source, fields in notes.fields.items():
        alike.setdefault(fields_told(fields), source)
    for fields, source in [*alike.items()][:MOST_PRINTED]:
        if fields:
            click.echo(_("Fields of {name}: {fields}").format(name=source, fields=fields))
    for facet, one in notes.facets.items():
        click.echo(_("Labels of {facet}: {columns}").format(facet=facet, columns=_columns(one.columns)))


def fields_told(fields: Mapping[str, str]) -> str:
    """Return which column each field was read from."""
    return "; ".join(f"{field} = {column}" for field, column in fields.items())


def _columns(names: tuple[str, ...]) -> str:
    if len(names) <= _MOST_COLUMNS:
        return " + ".join(names)
    return _("{first} to {last}, {n} columns").format(first=names[0], last=names[-1], n=len(names))
