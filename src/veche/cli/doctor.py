"""`veche doctor`: checks a service and says what to mend."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from veche.cli.service import data_option, with_service
from veche.core.i18n import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from veche.service.ground.found import Found


def make_command() -> click.Command:
    """Return the command."""
    return click.Command(
        "doctor",
        callback=with_service(_doctor),
        short_help=_("Check everything that a service stands on, and say what to mend."),
        help=_("Check a service, whether it runs or not. Exit status: 0 all is well, 1 something to mend."),
        params=[
            data_option(),
            click.Option(["--json", "as_json"], is_flag=True, help=_("Print the findings as JSON.")),
        ],
    )


def _doctor(*, data: Path, as_json: bool) -> int:
    from veche.service.ground.doctor import examine

    found = examine(data)
    if as_json:
        click.echo(json.dumps([asdict(one) for one in found], ensure_ascii=False, indent=1))
    else:
        show(found)
    return 0 if all(one.sound for one in found) else 1


def show(found: "Sequence[Found]") -> None:
    """Print a line for each thing that was checked, and how to mend what is not sound."""
    good, bad = _("OK"), _("mend")
    wide = max(len(good), len(bad))
    names = max(len(one.name) for one in found)
    for one in found:
        mark = (
            click.style(f"{good:<{wide}}", fg="green")
            if one.sound
            else click.style(f"{bad:<{wide}}", fg="red")
        )
        click.echo(f"{mark}  {one.name:<{names}}  {one.said}")
        if one.advice and (not one.sound or one.name == "recovery copy"):
            click.echo(f"{'':<{wide + names + 4}}{one.advice}")
