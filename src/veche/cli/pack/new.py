"""`veche pack new`: an interview, or a file of answers, becomes a small whole pack."""

from pathlib import Path

import click

from veche.cli.pack.interview import interview
from veche.core.i18n import _, language
from veche.packs import load_pack
from veche.packs.making.answers import read_answers
from veche.packs.making.new import make_pack, refuse_full
from veche.picture.words import title

#: As a shell reports a command that Ctrl-C ended.
_INTERRUPTED = 130


def begin(folder: Path, answers: Path | None) -> int:
    """Make the pack in `folder` and return the exit status.

    Raises:
        UsageError: the folder holds something, or the answers do not hold together.
        BrokenPack: the answers make no pack that can be loaded; nothing is written.
    """
    refuse_full(folder)
    try:
        given = read_answers(answers) if answers else interview(folder.resolve().name)
    except (click.Abort, KeyboardInterrupt):
        click.echo()
        click.echo(_("Stopped. Nothing was written."), err=True)
        return _INTERRUPTED
    problems = make_pack(given, folder)
    click.echo()
    pack = load_pack(str(folder))
    for code, topic in pack.topics.items():
        if not given.extends or code.startswith(f"{given.code}."):
            click.echo(f"  {code}  {title(topic.title, language())}")
    click.echo(_("The pack lies in {folder}.").format(folder=folder))
    for problem in problems:
        click.echo(problem)
        click.echo(f"    {problem.hint}")
    click.echo(_("Look at it:  {command}").format(command=f"veche pack show {folder}"))
    click.echo(_("Check it:    {command}").format(command=f"veche pack check {folder}"))
    click.echo(
        _("Use it:      {command}").format(command=f"veche run appeals.csv --pack {folder} --out result")
    )
    return 0
