"""The command line: one file per command. Prints messages and hints, never a traceback."""

import os
import sys

import click

from veche.core.errors import VecheError
from veche.core.i18n import _, language_of_environment, set_language

#: Exit statuses beside those of the errors.
INTERRUPTED = 130


def main(arguments: list[str] | None = None) -> None:
    """Run the `veche` command and exit with its status: 0, 1 failure, 2 usage, 3 some rejected."""
    set_language(language_of_environment())
    debug = bool(os.environ.get("VECHE_DEBUG"))
    app = None
    try:
        # Commands word their help when they are made, so they are made after the language is known.
        from veche.cli.app import make_app

        app = make_app()
        status = app.main(arguments, prog_name="veche", standalone_mode=False)
    except (click.exceptions.Abort, KeyboardInterrupt):
        goes_on = app is not None and _can_resume(app, sys.argv[1:] if arguments is None else arguments)
        say_error(_("Stopped. Add --resume to go on from here.") if goes_on else _("Stopped."))
        status = INTERRUPTED
    except click.ClickException as error:
        error.show()
        status = error.exit_code
    except VecheError as error:
        if debug:
            raise
        say_error(f"{error.text()}  [{error.code}]", hint=error.advice())
        status = error.exit_status
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 1
    except Exception as error:
        if debug:
            raise
        say_error(
            _("An error that should not happen: {kind}.").format(kind=type(error).__name__)
            + "  [VECHE-0000]",
            hint=_("Set VECHE_DEBUG=1 to see where, and report it. Nothing that was finished is lost."),
        )
        status = 1
    sys.exit(status if isinstance(status, int) else 0)


def _can_resume(app: click.Group, arguments: list[str]) -> bool:
    """Return whether the command that was called can go on where it was stopped."""
    command = app.commands.get(arguments[0]) if arguments else None
    return command is not None and any(param.name == "resume" for param in command.params)


def say_error(message: str, *, hint: str = "") -> None:
    """Print an error and its hint to standard error."""
    click.echo(click.style(_("Error: "), fg="red", bold=True) + message, err=True)
    if hint:
        click.echo(click.style(_("Hint: "), bold=True) + hint, err=True)
