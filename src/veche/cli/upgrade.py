"""`veche upgrade`: brings a service up to what is installed now."""

from pathlib import Path

import click

from veche.cli.service import data_option, with_service
from veche.core.i18n import _

#: What a sound upgrade leaves in order.
_OF_THE_UPGRADE = ("database", "roles", "walls", "migrations", "partitions", "ledger", "packs")


def make_command() -> click.Command:
    """Return the command."""
    return click.Command(
        "upgrade",
        callback=with_service(_upgrade),
        short_help=_("Bring a stopped service up to what is installed now, with a backup before."),
        help=_(
            "Bring a stopped service up to the installed versions of Veche and PostgreSQL. A backup is made "
            "first, and everything is checked afterwards."
        ),
        params=[
            data_option(),
            click.Option(
                ["--backup"],
                metavar=_("FILE"),
                type=click.Path(path_type=Path, dir_okay=False),
                help=_("Where the backup is written; without it, in the data folder under backups."),
            ),
            click.Option(
                ["--no-backup"],
                is_flag=True,
                help=_("Make none; a new version of PostgreSQL needs one all the same."),
            ),
        ],
    )


def _upgrade(*, data: Path, backup: Path | None, no_backup: bool) -> None:
    from veche.cli.doctor import show
    from veche.core.errors import UpgradeUnsound, UsageError
    from veche.service.ground.doctor import examine_database
    from veche.service.ground.upgrade import upgrade

    if backup and no_backup:
        raise UsageError(problem=_("Name --backup or --no-backup, not both."))
    if backup and backup.exists():
        raise UsageError(problem=_("{path} is there already; name a new file.").format(path=backup))
    done = upgrade(
        data, backup=backup.absolute() if backup else None, backed_up=not no_backup, say=click.echo
    )
    if done.backup:
        click.echo(_("The backup is in {path}.").format(path=done.backup))
    if done.old_cluster:
        click.echo(
            _(
                "The old cluster is kept in {path}; remove it when all is well. Settings that you changed in "
                "its postgresql.conf have to be made again."
            ).format(path=done.old_cluster)
        )
    found = examine_database(data)
    show(found)
    # Appeals that were set aside, failed jobs and the age of backups are no matter of the upgrade.
    matters = [f.name for f in found if not f.sound and f.name in _OF_THE_UPGRADE]
    if matters:
        kept = done.backup or _("no file: none was made")
        raise UpgradeUnsound(what=", ".join(matters), path=data, backup=kept)
    click.echo(_("Start it with: veche up --data {data}").format(data=data))
