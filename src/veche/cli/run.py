"""`veche run`: from files of appeals to the picture."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import click

from veche.cli import options
from veche.core.errors import UsageError
from veche.core.i18n import LANGUAGES, _, language, set_language


def make_command() -> click.Command:
    """Return the command."""
    return click.Command(
        "run",
        callback=_run,
        short_help=_("Read appeals, understand them, and write the picture and the report."),
        help=_(
            "Read appeals from INPUT... (files, folders, archives, or - for standard input), understand "
            "them, and write findings, themes, the picture and the report to the folder --out."
        )
        + "\n\n"
        + _("Exit status: 0 all taken, 3 some rows rejected, 2 wrong call, 1 failure."),
        params=[
            click.Argument(["inputs"], nargs=-1, required=True, metavar=_("INPUT...")),
            click.Option(
                ["--out", "-o"],
                required=True,
                type=click.Path(path_type=Path),
                metavar=_("FOLDER"),
                help=_("Folder for what is made; empty or new."),
            ),
            click.Option(
                ["--pack"],
                metavar=_("PACK"),
                default="ru",
                show_default=True,
                help=_("What the country or city knows: a pack's name or folder."),
            ),
            click.Option(
                ["--model"],
                metavar=_("MODEL"),
                type=click.Path(path_type=Path),
                help=_("A model from veche train: its findings take the place of the built-in ones."),
            ),
            click.Option(
                ["--precision"],
                multiple=True,
                metavar=_("[NAME=]SHARE"),
                help=_(
                    "Let the model decide alone where at least this share will be right; 0.95 without it."
                ),
            ),
            options.mapping(),
            options.limit(),
            options.workers(),
            click.Option(
                ["--stages"], metavar=_("STAGES"), help=_("Only these stages, with commas between.")
            ),
            click.Option(
                ["--skip"], metavar=_("STAGES"), help=_("All stages but these, with commas between.")
            ),
            click.Option(
                ["--masks"],
                type=click.Choice(["fast", "thorough"]),
                default="fast",
                show_default=True,
                help=_("How names are looked for; thorough is slower and needs veche[thorough]."),
            ),
            click.Option(
                ["--themes", "n_themes"],
                metavar=_("N"),
                type=click.IntRange(1),
                help=_("Ask for about so many themes."),
            ),
            click.Option(
                ["--guided"],
                is_flag=True,
                help=_("Let the topics of the pack seed the themes, so that themes follow the topics."),
            ),
            click.Option(
                ["--after"],
                type=click.Path(path_type=Path),
                metavar=_("FOLDER"),
                help=_(
                    "Folder of an earlier run that this one follows: themes keep their codes, what changed "
                    "is recorded, and what a person decided there holds here."
                ),
            ),
            click.Option(
                ["--engine"],
                metavar=_("NAME"),
                default="local",
                show_default=True,
                help=_("What spreads the work: local, or the name of an engine that is installed."),
            ),
            click.Option(
                ["--seed"],
                metavar=_("N"),
                type=int,
                default=7,
                show_default=True,
                help=_("Seed of all chance."),
            ),
            click.Option(
                ["--keep-original"],
                is_flag=True,
                help=_("Also keep the original texts, encrypted with your key file."),
            ),
            click.Option(["--resume"], is_flag=True, help=_("Go on with the run that the folder holds.")),
            click.Option(
                ["--lang"], type=click.Choice(LANGUAGES), help=_("Language of the report and messages.")
            ),
            click.Option(["--json", "as_json"], is_flag=True, help=_("Print the manifest as JSON.")),
        ],
    )


def _run(
    *,
    inputs: tuple[str, ...],
    out: Path,
    pack: str,
    model: Path | None,
    precision: tuple[str, ...],
    mapping: tuple[str, ...],
    limit: int | None,
    workers: int,
    stages: str | None,
    skip: str | None,
    masks: str,
    n_themes: int | None,
    guided: bool,
    after: Path | None,
    engine: str,
    seed: int,
    keep_original: bool,
    resume: bool,
    lang: str | None,
    as_json: bool,
) -> int:
    # The rooms are loaded when there is work, so that help comes at once.
    from veche.cli.progress import shown
    from veche.cli.summary import print_summary
    from veche.run.job import Options, run

    if lang:
        set_language(lang)
    asked = Options(
        inputs=inputs,
        out=out,
        pack=pack,
        language=lang or language(),
        mapping=_mapping(mapping),
        limit=limit,
        workers=workers,
        engine=engine,
        stages=_names(stages),
        skip=_names(skip),
        thorough_masks=masks == "thorough",
        n_themes=n_themes,
        guided=guided,
        after=after,
        model=model,
        precision=precisions(precision),
        seed=seed,
        keep_original=keep_original,
        resume=resume,
    )
    with shown() as progress:
        outcome = run(asked, progress=progress, now=lambda: dt.datetime.now(dt.UTC))
    if as_json:
        click.echo(json.dumps(outcome.manifest, ensure_ascii=False, indent=2, default=str))
    else:
        print_summary(outcome, out)
    return 3 if outcome.rejected else 0


def _names(listed: str | None) -> tuple[str, ...]:
    return tuple(name.strip() for name in (listed or "").split(",") if name.strip())


def precisions(entries: tuple[str, ...]) -> dict[str, float]:
    """Return what --precision promises, by facet, "" for all others. Raises `UsageError`."""
    found: dict[str, float] = {}
    for entry in entries:
        name, _equals, share = entry.rpartition("=")
        try:
            value = float(share)
        except ValueError:
            value = 0.0
        if not 0.5 <= value < 1.0 or name.strip() in found:
            problem = _("--precision needs a share from 0.5 to below 1, once for each name, not “{entry}”.")
            raise UsageError(problem=problem.format(entry=entry))
        found[name.strip()] = value
    return found


def _mapping(pairs: tuple[str, ...]) -> dict[str, Any]:
    mapping = {}
    for pair in pairs:
        name, equals, column = pair.partition("=")
        if not equals or not name.strip():
            raise UsageError(problem=_("--map needs FIELD=COLUMN, not “{pair}”.").format(pair=pair))
        mapping[name.strip()] = column.strip()
    return mapping
