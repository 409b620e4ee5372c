"""`veche explain`: why a model says what it says of one appeal."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from veche.core.errors import UsageError
from veche.core.i18n import LANGUAGES, _, language, set_language

if TYPE_CHECKING:
    from veche.learn.explain_words import Explained
    from veche.run.again import Held

#: Labels that are explained of each facet.
_SHOWN = 3

#: So many appeals that share an id are named.
_MOST_NAMED = 10

#: The ids of an appeal: ours, and the one that its source gave it.
_IDS = ("appeal_id", "foreign_id")


def make_command() -> click.Command:
    """Return the command."""
    return click.Command(
        "explain",
        callback=_explain,
        short_help=_("Say why a model decides so: the words and places for and against."),
        help=_(
            "Say why MODEL gives an appeal its labels: the words, places and channels that speak for each of "
            "the first three labels and against it, which add up to its score. The appeal is the text --text "
            "(- reads it from standard input), or APPEAL_ID of the run --run, ours or the one that it "
            "came with. Only masked text is shown."
        ),
        params=[
            click.Argument(["model"], metavar=_("MODEL"), type=click.Path(path_type=Path)),
            click.Argument(["appeal_id"], metavar=_("[APPEAL_ID]"), required=False),
            click.Option(
                ["--run", "run"],
                type=click.Path(path_type=Path),
                metavar=_("FOLDER"),
                help=_("Folder of the run that the id belongs to."),
            ),
            click.Option(
                ["--text"], metavar=_("TEXT"), help=_("The text of an appeal; - for standard input.")
            ),
            click.Option(
                ["--pack"],
                metavar=_("PACK"),
                help=_("The pack's name or folder; that of the model without it."),
            ),
            click.Option(["--lang"], type=click.Choice(LANGUAGES), help=_("Language of the messages.")),
            click.Option(["--json", "as_json"], is_flag=True, help=_("Print all reasons as JSON.")),
        ],
    )


def _explain(
    *,
    model: Path,
    appeal_id: str | None,
    run: Path | None,
    text: str | None,
    pack: str | None,
    lang: str | None,
    as_json: bool,
) -> None:
    import orjson

    from veche.core.formats import formats
    from veche.learn.explain_words import explained, sentences
    from veche.learn.file import load
    from veche.learn.labels import nodes_of
    from veche.packs import load_pack
    from veche.packs.text import in_language
    from veche.run.again import seen_again
    from veche.stages.repeats import normal_form, word_count

    if lang:
        set_language(lang)
    if (text is None) == (appeal_id is None) or (appeal_id is None) != (run is None):
        raise UsageError(problem=_("Give either --text, or an APPEAL_ID and its --run."))
    loaded = load(model)
    known = load_pack(pack or loaded.card["pack"]["code"])
    held = _held(run, appeal_id) if appeal_id is not None and run is not None else {}
    shown = sys.stdin.read() if text == "-" else text or ""
    inputs = seen_again([shown], held=[held], pack=known)
    if not word_count(normal_form(inputs.texts))[0]:
        raise UsageError(problem=_("The text has no word that a model could decide by."))
    found = {facet: explained(one, inputs, n=_SHOWN) for facet, one in loaded.facets.items()}
    if as_json:
        plain = {facet: [_plain(one) for one in said] for facet, said in found.items()}
        said = {name: held[name] for name in _IDS if name in held} | {"text": inputs.texts[0].as_py()}
        click.echo(orjson.dumps(said | {"facets": plain}, option=orjson.OPT_INDENT_2))
        return
    f = formats(language())
    if held:
        click.echo("  ".join(str(held[name]) for name in _IDS if held[name]))
    click.echo(inputs.texts[0].as_py())
    for facet, said in found.items():
        nodes = nodes_of(known, facet)
        for one in said:
            title = (
                in_language(nodes[one.label].title, language(), *known.languages)
                if one.label in nodes
                else ""
            )
            click.echo(f"\n{facet}: {title or one.label}, {f.share(one.chance)}")
            for line in sentences(one, f, pack=known, language=language()):
                click.echo(f"  {line}")


def _held(run: Path, name: str) -> "Held":
    """Return the one appeal of a run that `name` means, by our id or that of its source."""
    from veche.run.again import called, held_by

    held = held_by(run, ids=[name])
    meant = called(held, name)
    if not meant:
        raise UsageError(problem=_("The run has no appeal “{id}”.").format(id=name))
    if len(meant) > 1:
        problem = _("The run has several appeals “{id}”; name one of them: {ids}")
        raise UsageError(problem=problem.format(id=name, ids=", ".join(meant[:_MOST_NAMED])))
    return held[meant[0]]


def _plain(one: "Explained") -> dict[str, object]:
    reasons = [reason._asdict() for reason in one.reasons]
    return {"label": one.label, "chance": one.chance, "score": one.score, "reasons": reasons}
