"""`veche backup`: writes everything but the keys of a service into one file."""

from pathlib import Path

import click

from veche.cli.service import data_option, with_service
from veche.core.i18n import _, language


def make_command() -> click.Command:
    """Return the command."""
    return click.Command(
        "backup",
        callback=with_service(_backup),
        short_help=_("Write the data of a service into one file, while it runs."),
        help=_(
            "Write the data of a service into one file: the database, files that came along, the heads of "
            "the ledger, the journal of erasures. It may run meanwhile. Keys are not in it."
        ),
        params=[
            data_option(),
            click.Option(
                ["--out"],
                metavar=_("FILE"),
                required=True,
                type=click.Path(path_type=Path, dir_okay=False),
                help=_("The file to write; it must not be there yet."),
            ),
            click.Option(
                ["--no-verify"], is_flag=True, help=_("Do not restore it on trial before it counts as made.")
            ),
        ],
    )


def _backup(*, data: Path, out: Path, no_verify: bool) -> None:
    from veche.core.formats import formats
    from veche.service.ground.backup import back_up

    made = back_up(data, out, checked=not no_verify, say=click.echo)
    number = formats(language()).number
    click.echo(
        _("{path}: {rows} rows, {files} files, {size} MB.").format(
            path=out,
            rows=number(made.rows),
            files=number(made.attachments),
            size=number(max(1, made.bytes >> 20)),
        )
    )
    if made.missing:
        click.echo(
            _("Files that the database lists and that are not there: {n}.").format(n=number(made.missing))
        )
    click.echo(
        _(
            "The keys are not in it. Have a recovery copy of the vault's key in another place: "
            "veche vault copy --data {data} --out FILE"
        ).format(data=data)
    )
