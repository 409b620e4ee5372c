"""`veche pack`: what packs there are, what one holds, and whether it is sound."""

import json

import click

from veche.core.i18n import _, language


def make_command() -> click.Group:
    """Return the command with its own commands."""
    group = click.Group("pack", short_help=_("List, show and check packs: what a country or a city knows."))
    path = click.Argument(["path"], metavar=_("PACK"))
    group.add_command(
        click.Command("list", callback=_list, short_help=_("List the packs that came with veche."))
    )
    group.add_command(
        click.Command("show", callback=_show, params=[path], short_help=_("Show what a pack holds, as JSON."))
    )
    group.add_command(
        click.Command(
            "check", callback=_check, params=[path], short_help=_("Check a pack; say what to mend.")
        )
    )
    return group


def _list() -> None:
    from veche.packs import available_packs, load_pack
    from veche.packs.model import in_language

    for name in available_packs():
        pack = load_pack(name)
        click.echo(f"{pack.code}\t{pack.version}\t{in_language(pack.title, language())}")


def _show(*, path: str) -> None:
    from veche.packs import describe, load_pack

    click.echo(json.dumps(describe(load_pack(path)), ensure_ascii=False, indent=2))


def _check(*, path: str) -> int:
    from veche.packs import check

    problems = check(path)
    for problem in problems:
        click.echo(f"{problem.file}:{problem.line}: {problem.message}")
        if problem.hint:
            click.echo(f"    {problem.hint}")
    if not problems:
        click.echo(_("{path}: nothing to mend.").format(path=path))
    return 1 if problems else 0
