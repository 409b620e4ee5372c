"""`veche manage`: Django's own commands, in the environment of one service."""

from pathlib import Path

import click

from veche.cli.service import data_option, with_service
from veche.core.i18n import _


def make_command() -> click.Command:
    """Return the command."""
    return click.Command(
        "manage",
        callback=with_service(_manage),
        short_help=_("Run one of Django's own commands on a service, for example check or shell."),
        help=_(
            "Run one of Django's own commands as the owner of the service's tables. PostgreSQL is started "
            "for it if the service does not run."
        ),
        params=[
            data_option(),
            click.Argument(["arguments"], metavar=_("COMMAND [ARGS]..."), nargs=-1, type=click.UNPROCESSED),
        ],
        context_settings={"ignore_unknown_options": True},
    )


def _manage(*, data: Path, arguments: tuple[str, ...]) -> int:
    from veche.service.ground.managing import manage

    return manage(data, arguments)
