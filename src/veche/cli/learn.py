"""`veche learn`: people's corrections make a new version of a model; or which appeals to ask people about."""

import csv
import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import click

from veche.cli import options
from veche.core.errors import OutputError, UsageError
from veche.core.i18n import LANGUAGES, _, language, ngettext, set_language

if TYPE_CHECKING:
    from veche.run.teaching import Refused

#: So many refused rows are printed; the file has all of them.
_MOST_PRINTED = 5


def make_command() -> click.Command:
    """Return the command."""
    return click.Command(
        "learn",
        callback=_learn,
        short_help=_("Teach a model people's corrections; ask which labels would teach it most."),
        help=_(
            "Teach MODEL what people corrected and write the new version to --out, in seconds, without the "
            "history that it was made from. CORRECTIONS... are sheets with the columns facet, value (what is "
            "right), and appeal_id or foreign_id (of the run --run) or text."
        )
        + "\n\n"
        + _(
            "With --ask N, write a sheet of the N appeals of --from (the folder of a run, or a file) whose "
            "labels would teach MODEL most, for people to fill the column value."
        )
        + "\n\n"
        + _("Exit status: 0 all taken, 3 some rows refused, 2 wrong call, 1 failure."),
        params=[
            click.Argument(["model"], metavar=_("MODEL"), type=click.Path(path_type=Path)),
            click.Argument(["corrections"], nargs=-1, metavar=_("[CORRECTIONS...]")),
            click.Option(
                ["--out", "-o"],
                required=True,
                type=click.Path(path_type=Path),
                metavar=_("FILE"),
                help=_("File of the new model, which may be MODEL itself; with --ask, of the sheet."),
            ),
            click.Option(
                ["--run", "run"],
                type=click.Path(path_type=Path),
                metavar=_("FOLDER"),
                help=_("Folder of the run that the ids of the corrections belong to."),
            ),
            click.Option(
                ["--ask", "asked"],
                type=click.IntRange(1, 10_000),
                metavar=_("N"),
                help=_("Write a sheet of the N appeals whose labels would teach the model most."),
            ),
            click.Option(
                ["--from", "source"],
                multiple=True,
                metavar=_("RUN"),
                help=_("With --ask: the folder of a run, or a file of appeals; may be given several times."),
            ),
            click.Option(
                ["--pack"],
                metavar=_("PACK"),
                help=_("The pack's name or folder; that of the model without it."),
            ),
            options.seed(),
            click.Option(["--lang"], type=click.Choice(LANGUAGES), help=_("Language of the messages.")),
        ],
    )


def _learn(
    *,
    model: Path,
    corrections: tuple[str, ...],
    out: Path,
    run: Path | None,
    asked: int | None,
    source: tuple[str, ...],
    pack: str | None,
    seed: int,
    lang: str | None,
) -> int:
    from veche.learn.file import load

    if lang:
        set_language(lang)
    if (asked is None) == (not corrections) or (asked is None) != (not source):
        raise UsageError(problem=_("Give either CORRECTIONS, or --ask N and --from."))
    # The model is read first: a file that is none shall not cost a minute.
    code = pack or load(model).card["pack"]["code"]
    if asked is not None:
        _ask(model, source, out, n=asked, pack=code, seed=seed)
        return 0
    return _teach(model, corrections, out, run=run, pack=code)


def _ask(model: Path, source: tuple[str, ...], out: Path, *, n: int, pack: str, seed: int) -> None:
    from veche.learn.file import load
    from veche.packs import load_pack
    from veche.run.asking import write_questions
    from veche.run.sheet import VALUE, headers

    found = write_questions(
        load(model), source, out, n=n, pack=load_pack(pack), language=language(), seed=seed
    )
    told = ngettext("{n} appeal to label: {path}", "{n} appeals to label: {path}", found)
    click.echo(told.format(n=found, path=out))
    fill = _("Fill the column “{value}”, as far as you come, and give the sheet to: veche learn MODEL")
    click.echo(fill.format(value=headers()[VALUE]))


def _teach(model: Path, corrections: tuple[str, ...], out: Path, *, run: Path | None, pack: str) -> int:
    from veche.core.formats import formats
    from veche.core.ids import file_digest
    from veche.learn.corrections import learn
    from veche.learn.file import load
    from veche.learn.store import keep
    from veche.packs import load_pack
    from veche.run.teaching import read_corrections

    old, f = load(model), formats(language())
    read = read_corrections(corrections, model=old, pack=load_pack(pack), run=run)
    new = learn(old, read.examples, parent=file_digest(model))
    version = keep(new, out, now=dt.datetime.now(dt.UTC))
    click.echo(
        _("Learnt from {taken}; refused {refused}.").format(
            taken=f.number(read.taken), refused=f.number(len(read.refused))
        )
    )
    for facet, names in read.new.items():
        click.echo(_("{facet}: labels that are new: {names}").format(facet=facet, names=", ".join(names)))
    for facet, labels in read.examples.labels.items():
        before, after = (one.card["facets"][facet]["alone"]["coverage"] for one in (old, new))
        line = _("{facet}: {n} corrections; it can decide {after} alone (before: {before}).")
        n = f.number(int(labels.known.sum()))
        click.echo(line.format(facet=facet, n=n, after=f.share(after), before=f.share(before)))
    _refuse(read.refused, out)
    click.echo(_("Model: {path}, version {version}").format(path=out, version=version.number))
    return 3 if read.refused else 0


def _refuse(refused: "tuple[Refused, ...]", out: Path) -> None:
    """Write the rows that were not taken beside the model, and print the first."""
    from veche.core.library_words import reason
    from veche.run.rejects import defused

    if not refused:
        return
    path = out.with_name(out.name + ".refused.csv")
    rows = [[defused(one.source), one.row, defused(one.reason)] for one in refused]
    try:
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([["file", "row", "reason"], *rows])
    except OSError as error:
        raise OutputError(path=path, reason=reason(error)) from None
    for one in refused[:_MOST_PRINTED]:
        click.echo(_("  {file}, row {row}: {reason}").format(file=one.source, row=one.row, reason=one.reason))
    click.echo(_("Rows not taken, with reasons: {path}").format(path=path))
