"""`veche up`: starts the live service and keeps it running."""

import os
from pathlib import Path

import click

from veche.cli.service import data_option, with_service
from veche.core.i18n import _

#: Understanding is bound by the processor, and the web server and PostgreSQL want some of it.
_MOST_WORKERS = 8


def make_command() -> click.Command:
    """Return the command."""
    return click.Command(
        "up",
        callback=with_service(_up),
        short_help=_("Start the live service and keep it running until Ctrl-C or SIGTERM."),
        help=_(
            "Start the live service: PostgreSQL, web server, workers. A second start goes on with the same "
            "data."
        ),
        params=[
            data_option(),
            click.Option(
                ["--port"],
                metavar=_("N"),
                type=click.IntRange(1, 65_535),
                default=8000,
                show_default=True,
                help=_("Port of the web server."),
            ),
            click.Option(
                ["--host"],
                metavar=_("ADDRESS"),
                default="127.0.0.1",
                show_default=True,
                help=_("Address to listen at; 0.0.0.0 lets other machines in."),
            ),
            click.Option(
                ["--workers"],
                metavar=_("N"),
                type=click.IntRange(0),
                default=0,
                help=_("Processes that understand appeals; one per core without it."),
            ),
            click.Option(
                ["--database"],
                metavar=_("URL"),
                envvar="VECHE_DATABASE_URL",
                help=_("A PostgreSQL (15 to 18) that runs already, instead of our own."),
            ),
            click.Option(
                ["--demo"],
                is_flag=True,
                help=_("Bring three authorities, people in every role and 20,000 sample appeals."),
            ),
        ],
    )


def _up(*, data: Path, port: int, host: str, workers: int, database: str | None, demo: bool) -> None:
    from veche.service.ground.serving import Wanted, serve

    cores = len(os.sched_getaffinity(0))
    wanted = Wanted(
        data=data,
        host=host,
        port=port,
        workers=workers or min(_MOST_WORKERS, cores),
        database_url=database,
        demo=demo,
    )
    serve(wanted, say=click.echo)
