"""`veche restore`: makes a service anew from a backup."""

from pathlib import Path

import click

from veche.cli.service import data_option, with_service
from veche.core.i18n import _, language


def make_command() -> click.Command:
    """Return the command."""
    return click.Command(
        "restore",
        callback=with_service(_restore),
        short_help=_("Make a service anew from a backup, in an empty folder."),
        help=_(
            "Make a service anew from a backup, in an empty folder and an empty database. The backup may "
            "come from another version of PostgreSQL."
        ),
        params=[
            click.Argument(["file"], metavar=_("FILE"), type=click.Path(path_type=Path)),
            data_option(),
            click.Option(
                ["--keys"],
                metavar=_("FILE"),
                type=click.Path(path_type=Path, dir_okay=False),
                help=_("The recovery copy of the vault's key; without it originals cannot be opened."),
            ),
            click.Option(
                ["--database"],
                metavar=_("URL"),
                envvar="VECHE_DATABASE_URL",
                help=_("A PostgreSQL (15 to 18) that runs already, instead of our own."),
            ),
            click.Option(
                ["--erasures"],
                metavar=_("FILE"),
                type=click.Path(path_type=Path, dir_okay=False, exists=True),
                help=_("A journal of erasures that is newer than the backup; they are repeated."),
            ),
        ],
    )


def _restore(
    *, file: Path, data: Path, keys: Path | None, database: str | None, erasures: Path | None
) -> None:
    from veche.core.formats import formats
    from veche.service.ground.restore import Wanted, restore

    wanted = Wanted(file=file, data=data, keys=keys, database_url=database, journal=erasures)
    restored = restore(wanted, say=click.echo)
    number = formats(language()).number
    click.echo(
        _("{path}: {rows} rows, {files} files; persons erased again: {erased}.").format(
            path=data,
            rows=number(restored.rows),
            files=number(restored.attachments),
            erased=number(restored.erased),
        )
    )
    if restored.lacks_key:
        click.echo(
            _(
                "Originals cannot be opened: put the recovery copy of the vault's key in the place of {path} "
                "before the first start."
            ).format(path=restored.lacks_key)
        )
    click.echo(_("Start it with: veche up --data {data}").format(data=data))
