"""`veche completion`: lets the shell complete commands and options."""

import click
from click.shell_completion import get_completion_class

from veche.core.i18n import _


def make_command() -> click.Command:
    """Return the command."""
    return click.Command(
        "completion",
        callback=_completion,
        short_help=_("Print the script that lets your shell complete commands and options."),
        params=[click.Argument(["shell"], type=click.Choice(["bash", "zsh", "fish"]))],
    )


def _completion(*, shell: str) -> None:
    found = get_completion_class(shell)
    assert found is not None
    root = click.get_current_context().find_root().command
    click.echo(found(root, {}, "veche", "_VECHE_COMPLETE").source())
