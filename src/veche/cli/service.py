"""What the commands of the live service share: it is installed only where it is wanted."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any

import click

from veche.core.i18n import _

#: Packages of the extra "service", in the order in which they are looked for.
_NEEDED = ("django", "psycopg", "gunicorn", "procrastinate", "ninja")


def with_service(command: Callable[..., Any]) -> Callable[..., Any]:
    """Say which package is missing instead of failing where it is first needed.

    Raises (when the command is called):
        ServiceNotInstalled: the packages of the service are not installed.
    """

    @wraps(command)
    def checked(*arguments: Any, **options: Any) -> Any:
        from importlib.util import find_spec

        from veche.core.errors import ServiceNotInstalled

        for package in _NEEDED:
            if find_spec(package) is None:
                raise ServiceNotInstalled(package=package)
        return command(*arguments, **options)

    return checked


def data_option() -> click.Option:
    """Where the service keeps its data."""
    return click.Option(
        ["--data"],
        metavar=_("FOLDER"),
        required=True,
        envvar="VECHE_HOME",
        type=click.Path(path_type=Path, file_okay=False),
        help=_("The data folder of the service; also from VECHE_HOME."),
    )


@contextmanager
def on_database(data: Path, *, as_owner: bool = False) -> Iterator[None]:
    """Let this process work on the database of a service as its workers do, inside the walls, or `as_owner`.

    Raises:
        ServiceError: one of its kinds says what stands in the way.
    """
    from veche.service.ground.managing import reached
    from veche.service.ground.opened import open_existing

    ground = open_existing(data)
    with reached(ground) as urls:
        import django

        os.environ.update(ground.environment(urls.owner if as_owner else urls.worker))
        django.setup()
        from django.db import connections

        try:
            yield
        finally:
            pooled: Any = connections["default"]
            pooled.close()
            pooled.close_pool()
