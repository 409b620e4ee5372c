"""`veche sample`: sample appeals with known truth, for demos, tests and load."""

from pathlib import Path

import click

from veche.cli import options
from veche.core.formats import formats
from veche.core.i18n import _, language


def make_command() -> click.Command:
    """Return the command."""
    return click.Command(
        "sample",
        callback=_sample,
        short_help=_("Make sample appeals with known truth, for demos, tests and load."),
        help=_("Make invented appeals with known truth; no measure of accuracy, as people write otherwise."),
        params=[
            click.Option(
                ["--pack"],
                metavar=_("PACK"),
                default="ru",
                show_default=True,
                help=_("A pack's name or folder."),
            ),
            click.Option(
                ["--n"],
                metavar=_("N"),
                type=click.IntRange(1),
                default=20_000,
                show_default=True,
                help=_("How many."),
            ),
            options.seed(),
            click.Option(
                ["--out", "-o"],
                required=True,
                type=click.Path(path_type=Path, dir_okay=False),
                help=_("File to write: .jsonl, .parquet or .csv."),
            ),
            click.Option(
                ["--truth"],
                type=click.Path(path_type=Path, dir_okay=False),
                help=_("Parquet file for what is true of each appeal."),
            ),
            click.Option(
                ["--decided"],
                is_flag=True,
                help=_("Write what was decided beside each appeal, as in a history to train on."),
            ),
            click.Option(
                ["--replace"],
                is_flag=True,
                help=_("Write over files that are there already."),
            ),
        ],
    )


def _sample(
    *, pack: str, n: int, seed: int, out: Path, truth: Path | None, decided: bool, replace: bool
) -> None:
    from veche.packs import load_pack
    from veche.packs.sample import topics_unsaid, write_sample

    loaded = load_pack(pack)
    write_sample(loaded, n=n, seed=seed, out=out, truth=truth, decided=decided, replace=replace)
    unsaid = topics_unsaid(loaded)
    if unsaid:
        problem = _(
            "The pack's sample folder has no phrases for these topics, no appeal is about them: {topics}."
        )
        click.echo(problem.format(topics=", ".join(unsaid)), err=True)
    click.echo(
        _("{count} sample appeals lie in {path}.").format(count=formats(language()).number(n), path=out)
    )
