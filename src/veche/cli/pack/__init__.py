"""`veche pack`: what packs there are, what one holds, whether it is sound, how two differ, a new one."""

from pathlib import Path

import click

from veche.core.i18n import _, language


def make_command() -> click.Group:
    """Return the command with its own commands."""
    group = click.Group(
        "pack", short_help=_("List, show, check, compare and begin packs: what a country or a city knows.")
    )
    for command in (_list_command(), _show_command(), _check_command(), _diff_command(), _new_command()):
        group.add_command(command)
    return group


def _json_option() -> click.Option:
    return click.Option(["--json", "as_json"], is_flag=True, help=_("Print JSON, for programs."))


def _list_command() -> click.Command:
    return click.Command("list", callback=_list, short_help=_("List the packs that came with veche."))


def _list() -> None:
    from veche.packs import available_packs, load_pack
    from veche.packs.text import in_language

    for name in available_packs():
        pack = load_pack(name)
        click.echo(f"{pack.code}\t{pack.version}\t{in_language(pack.title, language())}")


def _show_command() -> click.Command:
    return click.Command(
        "show",
        callback=_show,
        short_help=_("Show what a pack holds, or one entry of it."),
        help=_(
            "Show what PACK holds; with CODE, all of one topic, body, measure, protocol, clock, fact or "
            "territory."
        ),
        params=[
            click.Argument(["path"], metavar=_("PACK")),
            click.Argument(["code"], metavar=_("[CODE]"), required=False),
            _json_option(),
        ],
    )


def _show(*, path: str, code: str | None, as_json: bool) -> None:
    from veche.cli.pack import show
    from veche.packs import load_pack

    pack = load_pack(path)
    if code:
        show.print_entries(pack, code, as_json=as_json)
    else:
        show.print_pack(pack, as_json=as_json)


def _check_command() -> click.Command:
    return click.Command(
        "check",
        callback=_check,
        short_help=_("Check packs; say what to mend."),
        help=_("Check each PACK and say what to mend, with file and line.")
        + "\n\n"
        + _("Exit status: 0 nothing to mend, 1 something to mend."),
        params=[
            click.Argument(["paths"], nargs=-1, required=True, metavar=_("PACK...")),
            _json_option(),
        ],
    )


def _check(*, paths: tuple[str, ...], as_json: bool) -> int:
    from veche.cli.pack import check

    return check.check_packs(paths, as_json=as_json)


def _diff_command() -> click.Command:
    return click.Command(
        "diff",
        callback=_diff,
        short_help=_("Show what differs between two packs."),
        help=_(
            "Show what NEW adds to OLD, takes away and changes. A pack that extends another is compared with "
            "all that it takes over."
        ),
        params=[
            click.Argument(["old"], metavar=_("OLD")),
            click.Argument(["new"], metavar=_("NEW")),
            _json_option(),
        ],
    )


def _diff(*, old: str, new: str, as_json: bool) -> None:
    from veche.cli.pack import diff
    from veche.packs import load_pack

    diff.print_changes(load_pack(old), load_pack(new), as_json=as_json)


def _new_command() -> click.Command:
    return click.Command(
        "new",
        callback=_new,
        short_help=_("Begin a pack: answer questions, get a whole small pack."),
        help=_(
            "Ask what a small pack needs and write it to FOLDER, which must be new or empty. Nothing is "
            "written before the last answer."
        ),
        params=[
            click.Argument(["folder"], type=click.Path(path_type=Path), metavar=_("FOLDER")),
            click.Option(
                ["--answers"],
                type=click.Path(path_type=Path, dir_okay=False, exists=True),
                metavar=_("FILE"),
                help=_("Take the answers from a TOML file instead of asking."),
            ),
        ],
    )


def _new(*, folder: Path, answers: Path | None) -> int:
    from veche.cli.pack import new

    return new.begin(folder, answers)
