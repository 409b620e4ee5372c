"""`veche train`: a model from an authority's own labelled history."""

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from veche.cli import options
from veche.core.errors import UsageError
from veche.core.i18n import LANGUAGES, _, ngettext, set_language

if TYPE_CHECKING:
    from veche.learn.examples import Examples
    from veche.learn.store import Version

#: So many of a list of labels are printed; the card has more.
_MOST_PRINTED = 5


def make_command() -> click.Command:
    """Return the command."""
    return click.Command(
        "train",
        callback=_train,
        short_help=_("Learn from labelled history: make a model."),
        help=_(
            "Learn from HISTORY... (files, folders or archives of appeals that people have decided on) and "
            "write a model to --out. Print how often the model is right about appeals that it had not seen."
        )
        + "\n\n"
        + _(
            "Labels stand in one column (--label topic=Topic), in columns for each level from the top "
            "(--label topic=Area+Topic), or, where an appeal has several (--multi theme), in one column "
            "parted by ; or |, or in one column of 0 and 1 for each label, from the first to the last "
            "(--label “theme=Access:Waiting”) or all that begin alike (--label “theme=Theme *”)."
        ),
        params=[
            click.Argument(["history"], nargs=-1, required=True, metavar=_("HISTORY...")),
            click.Option(
                ["--label", "labels"],
                metavar=_("NAME=COLUMN"),
                multiple=True,
                required=True,
                help=_("What to learn, and the column that holds it; may be given several times."),
            ),
            options.multi(),
            options.paths(),
            click.Option(
                ["--to-pack"],
                metavar=_("NAME"),
                multiple=True,
                help=_("Map the labels of NAME (topic, body or place) to those of the pack, by --labels."),
            ),
            click.Option(
                ["--labels", "labels_file"],
                metavar=_("FILE"),
                type=click.Path(path_type=Path),
                help=_("How labels are mapped; written with suggestions where it is not there."),
            ),
            click.Option(
                ["--out", "-o"],
                required=True,
                metavar=_("MODEL"),
                type=click.Path(path_type=Path),
                help=_("File of the model; earlier versions of it are kept beside it."),
            ),
            click.Option(
                ["--pack"],
                metavar=_("PACK"),
                default="ru",
                show_default=True,
                help=_("What the country or city knows: a pack's name or folder."),
            ),
            options.mapping(),
            options.limit(),
            options.workers(),
            options.seed(),
            click.Option(["--resume"], is_flag=True, help=_("Go on with a reading that was interrupted.")),
            click.Option(["--lang"], type=click.Choice(LANGUAGES), help=_("Language of the messages.")),
            click.Option(["--json", "as_json"], is_flag=True, help=_("Print the model's card as JSON.")),
        ],
    )


def _train(
    *,
    history: tuple[str, ...],
    labels: tuple[str, ...],
    multi: tuple[str, ...],
    paths: tuple[str, ...],
    to_pack: tuple[str, ...],
    labels_file: Path | None,
    out: Path,
    pack: str,
    mapping: tuple[str, ...],
    limit: int | None,
    workers: int,
    seed: int,
    resume: bool,
    lang: str | None,
    as_json: bool,
) -> int:
    # The rooms are loaded when there is work, so that help comes at once.
    import os

    import orjson

    from veche.cli.progress import shown
    from veche.learn.store import check_place, keep
    from veche.learn.train import train
    from veche.packs import load_pack
    from veche.run.history import read_history, remove_work

    if lang:
        set_language(lang)
    asked: dict[str, Any] = {
        "pack": load_pack(pack),
        "labels": pairs("--label", labels),
        "multi": multi,
        "paths": pairs("--path", paths),
        "mapping": pairs("--map", mapping),
        "limit": limit,
    }
    check_place(out)
    codes = _codes(history, asked, to_pack, labels_file)
    if codes is None:
        return 0
    work = out.with_name(out.name + ".work")
    with shown() as progress:
        examples = read_history(
            history,
            **asked,
            codes=codes,
            work=work,
            resume=resume,
            workers=workers,
            seed=seed,
            progress=progress,
        )
        model = train(
            examples,
            seed=seed,
            threads=workers or os.cpu_count() or 1,
            progress=lambda step, _facet: progress.step(step),
        )
        version = keep(model, out, now=dt.datetime.now(dt.UTC))
    remove_work(work)
    if as_json:
        click.echo(orjson.dumps(dict(model.card), option=orjson.OPT_INDENT_2))
    else:
        _print(examples, dict(model.card), out, version)
    return 3 if examples.notes.rejected else 0


def pairs(option: str, entries: tuple[str, ...]) -> dict[str, str]:
    """Return the NAME=VALUE entries of an option. Raises `UsageError`."""
    found: dict[str, str] = {}
    for entry in entries:
        name, equals, value = entry.partition("=")
        name = name.strip()
        if not equals or not name or name in found:
            problem = _("{option} needs NAME=VALUE, each name once, not “{entry}”.")
            raise UsageError(problem=problem.format(option=option, entry=entry))
        found[name] = value.strip()
    return found


def _codes(
    history: tuple[str, ...], asked: dict[str, Any], to_pack: tuple[str, ...], file: Path | None
) -> dict[str, dict[str, str]] | None:
    """Return how labels are mapped to the pack; None where a file of suggestions was written instead."""
    if not to_pack:
        return {}
    if file is None:
        raise UsageError(problem=_("--to-pack needs --labels FILE, where you confirm how labels are mapped."))
    from veche.learn.foreign import read_mapping, suggest, write_mapping
    from veche.run.history import read_labels

    if file.exists():
        return read_mapping(file, pack=asked["pack"], facets=to_pack)
    found = read_labels(history, **asked)
    unknown = [facet for facet in to_pack if facet not in found]
    if unknown:
        problem = _("{option} names “{name}”, and no --label does.")
        raise UsageError(problem=problem.format(option="--to-pack", name=unknown[0]))
    suggestions = {facet: suggest(found[facet], facet=facet, pack=asked["pack"]) for facet in to_pack}
    write_mapping(file, suggestions, pack=asked["pack"])
    click.echo(_("Suggestions how your labels map to the pack: {path}").format(path=file))
    click.echo(_("Look through them, write confirmed = true at the top, and run the same command again."))
    return None


def _print(examples: "Examples", card: dict[str, Any], out: Path, version: "Version") -> None:
    from veche.cli.history import print_history
    from veche.core.formats import formats
    from veche.core.i18n import language

    f = formats(language())
    print_history(examples.notes, distinct=card["data"]["distinct"], f=f)
    for facet, said in card["facets"].items():
        _print_labels(facet, examples, said, f)
        _print_figures(said, f)
    click.echo(
        _("Model: {path} ({size}), version {version}").format(
            path=out, size=f.size(version.size_bytes), version=version.number
        )
    )


def _print_labels(facet: str, examples: "Examples", said: dict[str, Any], f: Any) -> None:
    notes = examples.notes.facets[facet]
    n = len(said["labels"])
    click.echo(
        ngettext("{facet}: {n} label, {rows} appeals", "{facet}: {n} labels, {rows} appeals", n).format(
            facet=facet, n=f.number(n), rows=f.number(said["labelled"])
        )
        + (_(", {rows} without a label").format(rows=f.number(notes.unlabelled)) if notes.unlabelled else "")
    )
    if notes.spellings:
        shown = [f"{name} ← {', '.join(o)}" for name, o in [*notes.spellings.items()][:_MOST_PRINTED]]
        more = " …" if len(notes.spellings) > _MOST_PRINTED else ""
        click.echo("  " + _("Spellings joined: {joined}").format(joined="; ".join(shown) + more))
    lines = (
        (len(notes.lonely), _("Labels with one example, hardly learnt: {n}")),
        (len(notes.contradicted), _("Appeals whose text came with other labels more often: {n}")),
        (notes.too_long, _("Labels left out because they look like texts: {n}")),
        (notes.personal, _("Labels left out because they hold personal data: {n}")),
        (len(notes.unmapped), _("Labels that stay your own: {n}")),
    )
    for n, line in lines:
        if n:
            click.echo("  " + line.format(n=f.number(n)))
    for leak in notes.leaks:
        given = (
            _("the text holds its label in {share} of the appeals")
            if leak.where == "text"
            else _("“{where}” alone tells the label in {share} of the appeals")
        )
        click.echo(
            "  "
            + _(
                "Beware, the answer may be given away: {how}. The figures below would then be worth nothing."
            ).format(how=given.format(where=leak.where, share=f.share(leak.share)))
        )


def _print_figures(said: dict[str, Any], f: Any) -> None:
    from veche.learn.figures import TOP

    figures, alone = said["figures"], said["alone"]
    if not said["multi"] and len(said["labels"]) <= TOP:
        line = _("On appeals it had not seen: right {right}, weighted F1 {f1}.")
    elif said["multi"]:
        line = _("On appeals it had not seen: micro F1 {micro}, macro F1 {macro}, all labels right {exact}.")
    else:
        line = _("On appeals it had not seen: right {right}, among the first three {top}, weighted F1 {f1}.")
    click.echo(
        "  "
        + line.format(
            micro=f.number(figures.get("micro_f1", 0), digits=2),
            macro=f.number(figures["macro_f1"], digits=2),
            exact=f.share(figures.get("exact_match", 0)),
            right=f.share(figures.get("accuracy", 0)),
            top=f.share(figures.get("top3_accuracy", 0)),
            f1=f.number(figures.get("weighted_f1", 0), digits=2),
        )
    )
    promise = f.share(alone["precision"])
    if alone["held"]:
        line = _("With {promise} of its decisions right it can decide {share} alone; the rest is for people.")
    else:
        line = _("{promise} of its decisions right cannot be promised yet: people decide all of them.")
    click.echo("  " + line.format(promise=promise, share=f.share(alone["coverage"])))
