"""`veche evaluate`: how good a model is, on appeals that it has not seen."""

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from veche.cli import options
from veche.cli.train import pairs
from veche.core.errors import UsageError
from veche.core.i18n import LANGUAGES, _, language, ngettext, set_language

if TYPE_CHECKING:
    from veche.learn.model import Model
    from veche.learn.notes import Notes


def make_command() -> click.Command:
    """Return the command."""
    return click.Command(
        "evaluate",
        callback=_evaluate,
        short_help=_("Measure how often a model is right, and what it may decide alone."),
        help=_(
            "Measure MODEL on the labelled appeals TEST..., or with --cv how good a model of HISTORY... "
            "would be: it is cut into parts, and each part is judged by a model that has not seen it. "
            "Copies of a text always stay together."
        )
        + "\n\n"
        + _("Labels are written as for `veche train`; without --label those that the model learnt from."),
        params=[
            click.Argument(["files"], nargs=-1, required=True, metavar=_("[MODEL] FILE...")),
            click.Option(
                ["--cv", "folds"],
                metavar=_("N"),
                type=click.IntRange(2, 100),
                help=_("Judge by so many parts; all files are history."),
            ),
            click.Option(
                ["--label", "labels"],
                metavar=_("NAME=COLUMN"),
                multiple=True,
                help=_("What to learn, and the column that holds it; may be given several times."),
            ),
            options.multi(),
            options.paths(),
            options.mapping(),
            click.Option(
                ["--pack"],
                metavar=_("PACK"),
                help=_("A pack's name or folder; without it that of the model, else ru."),
            ),
            click.Option(
                ["--precision"],
                metavar=_("SHARE"),
                type=click.FloatRange(0.5, 0.999),
                default=0.95,
                show_default=True,
                help=_("The share of decisions made alone that must be right."),
            ),
            click.Option(
                ["--out", "-o"],
                metavar=_("FOLDER"),
                type=click.Path(path_type=Path, file_okay=False),
                help=_("Write evaluation.html, evaluation.json and predictions.parquet there."),
            ),
            options.limit(),
            options.workers(),
            options.seed(),
            click.Option(
                ["--quick"],
                is_flag=True,
                help=_("Leave out what takes as long again: split by time, learning curve, cost."),
            ),
            click.Option(["--lang"], type=click.Choice(LANGUAGES), help=_("Language of the messages.")),
            click.Option(["--json", "as_json"], is_flag=True, help=_("Print what was found as JSON.")),
        ],
    )


def _evaluate(
    *,
    files: tuple[str, ...],
    folds: int | None,
    labels: tuple[str, ...],
    multi: tuple[str, ...],
    paths: tuple[str, ...],
    mapping: tuple[str, ...],
    pack: str | None,
    precision: float,
    out: Path | None,
    limit: int | None,
    workers: int,
    seed: int,
    quick: bool,
    lang: str | None,
    as_json: bool,
) -> int:
    # The rooms are loaded when there is work, so that help comes at once.
    import orjson

    from veche.cli.progress import shown
    from veche.learn.evaluate.whole import Asked, evaluate_by_folds, evaluate_model
    from veche.learn.evaluate.written import write_evaluation
    from veche.packs import load_pack
    from veche.run.audited import look_of
    from veche.run.gathered import decided_once
    from veche.run.history import read_history

    if lang:
        set_language(lang)
    threads = workers or os.cpu_count() or 1
    wanted: dict[str, Any] = {
        "labels": pairs("--label", labels),
        "multi": multi,
        "paths": pairs("--path", paths),
    }
    model, history = None, files
    if folds is None:
        model, history = _opened(files)
        wanted = _as_learnt(model, **wanted)
    loaded = load_pack(pack or (model.card["pack"]["code"] if model else "ru"))
    work = Path(tempfile.mkdtemp(prefix="veche-"))
    try:
        with shown() as progress:
            examples = read_history(
                history,
                pack=loaded,
                **wanted,
                mapping=pairs("--map", mapping),
                limit=limit,
                work=work,
                to_learn=model is None,
                workers=workers,
                seed=seed,
                progress=progress,
            )
            groupings = {}
            if not quick:
                progress.step("themes")
                groupings["themes"] = decided_once(work, examples.copies, seed=seed, threads=threads)
            asked = Asked(
                precision=precision,
                seed=seed,
                threads=threads,
                quick=quick,
                groupings=groupings,
                tell=lambda step, _facet: progress.step(step),
            )
            if model is None:
                assert folds is not None
                found = evaluate_by_folds(examples, folds=folds, asked=asked)
            else:
                found = evaluate_model(model, examples, path=Path(files[0]), asked=asked)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    if out is not None:
        write_evaluation(out, found, examples, look_of(out, loaded))
    if as_json:
        click.echo(orjson.dumps(found.document, option=orjson.OPT_INDENT_2))
    else:
        _print(found.document, examples.notes)
        if out is not None:
            click.echo(_("Report: {path}").format(path=out / "evaluation.html"))
    return 3 if examples.notes.rejected else 0


def _opened(files: tuple[str, ...]) -> tuple["Model", tuple[str, ...]]:
    from veche.learn.file import load

    if len(files) < 2:
        problem = _("Name a model and labelled appeals, or give --cv N to judge by the history itself.")
        raise UsageError(problem=problem)
    return load(Path(files[0])), files[1:]


def _as_learnt(
    model: "Model", *, labels: dict[str, str], multi: tuple[str, ...], paths: dict[str, str]
) -> dict[str, Any]:
    """Return how labels are read for `model`: as its own were, but for what is asked otherwise."""
    cards = model.card["facets"]
    if not labels:
        columns = {facet: said.get("columns", []) for facet, said in cards.items()}
        labels = {facet: "+".join(names) for facet, names in columns.items() if names}
    known = {facet: cards[facet] for facet in labels if facet in cards}
    return {
        "labels": labels,
        "multi": multi or tuple(facet for facet, said in known.items() if said["multi"]),
        "paths": {facet: said["path"] for facet, said in known.items() if said.get("path")} | paths,
        "codes": {facet: said["mapped"] for facet, said in known.items() if said.get("mapped")},
    }


def _print(found: dict[str, Any], notes: "Notes") -> None:
    from veche.cli.history import print_history
    from veche.core.formats import formats
    from veche.learn.evaluate.words import learnt_before

    f = formats(language())
    about = found["about"]
    print_history(notes, distinct=about["distinct"], f=f)
    beware = learnt_before(about, f)
    if beware:
        click.echo(beware)
    for facet, said in found["facets"].items():
        first, *more = _lines(facet, said, f)
        click.echo(first)
        for line in more:
            click.echo("  " + line)


def _lines(facet: str, said: dict[str, Any], f: Any) -> list[str]:
    from veche.learn.evaluate.words import tells_first_three

    def shown(name: str) -> str:
        low, high = said["intervals"][name] or (0.0, 1.0)
        return f"{f.share(said[name])} ({f.share(low)}–{f.share(high)})"

    def number(name: str) -> str:
        return f.number(said[name], digits=3)

    lines = [
        ngettext(
            "{facet}: {n} label, {rows} appeals", "{facet}: {n} labels, {rows} appeals", said["classes"]
        ).format(facet=facet, n=f.number(said["classes"]), rows=f.number(said["rows"]))
    ]
    if said["multi"]:
        line = _("all labels right {exact}; micro F1 {micro}, macro F1 {macro}")
        lines.append(
            line.format(exact=shown("exact_match"), micro=number("micro_f1"), macro=number("macro_f1"))
        )
    else:
        line = _("right {right}, among the first three {top}; weighted F1 {weighted}, macro F1 {macro}")
        if not tells_first_three(said):
            line = _("right {right}; weighted F1 {weighted}, macro F1 {macro}")
        lines.append(
            line.format(
                right=shown("accuracy"),
                top=shown("top3_accuracy"),
                weighted=number("weighted_f1"),
                macro=number("macro_f1"),
            )
        )
    if said["never_learnt"]:
        line = _("{n} appeals have a label without an example to learn from; they count all the same")
        lines.append(line.format(n=f.number(said["never_learnt"])))
    promise = f.share(said["promise"])
    if said["decided_alone"]:
        line = _("at {promise} decided alone {coverage}, of these right {precision}")
        lines.append(line.format(promise=promise, coverage=shown("coverage"), precision=shown("precision")))
    else:
        line = _("{promise} of its decisions right cannot be promised yet: people decide all of them")
        lines.append(line.format(promise=promise))
    human = said["human_decisions_per_1000"]
    grouped = "themes" if "themes" in human else "copies"
    line = {
        "copies": _("decisions left for people, of 1,000: {each}; copies decided once {once}, {right} right"),
        "themes": _("decisions left for people, of 1,000: {each}; themes decided once {once}, {right} right"),
    }[grouped]
    each, once = human["each"]["value"], human[grouped]
    lines.append(line.format(each=f.number(each), once=f.number(once["value"]), right=f.share(once["right"])))
    return lines
