"""`veche explain`: why a model says what it says of one appeal."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from veche.core.errors import UsageError
from veche.core.i18n import LANGUAGES, _, language, set_language

if TYPE_CHECKING:
    from veche.learn.explain_words import Explained

#: Labels that are explained of each facet.
_SHOWN = 3


def make_command() -> click.Command:
    """Return the command."""
    return click.Command(
        "explain",
        callback=_explain,
        short_help=_("Say why a model decides so: the words and places for and against."),
        help=_(
            "Say why MODEL gives an appeal its labels: the words, places and channels that speak for each of "
            "the first three labels and against it, which add up to its score. The appeal is the text --text "
            "(- reads it from standard input), or APPEAL_ID of the run --run. Only masked text is shown."
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
    from veche.run.again import held_by, seen_again
    from veche.stages.repeats import normal_form, word_count

    if lang:
        set_language(lang)
    if (text is None) == (appeal_id is None) or (appeal_id is None) != (run is None):
        raise UsageError(problem=_("Give either --text, or an APPEAL_ID and its --run."))
    loaded = load(model)
    pack = load_pack(loaded.card["pack"]["code"])
    held = {}
    if appeal_id is not None and run is not None:
        held = held_by(run, ids=[appeal_id]).get(appeal_id)
        if held is None:
            raise UsageError(problem=_("The run has no appeal “{id}”.").format(id=appeal_id))
    shown = sys.stdin.read() if text == "-" else text or ""
    inputs = seen_again([shown], held=[held], pack=pack)
    if not word_count(normal_form(inputs.texts))[0]:
        raise UsageError(problem=_("The text has no word that a model could decide by."))
    found = {facet: explained(one, inputs, n=_SHOWN) for facet, one in loaded.facets.items()}
    if as_json:
        plain = {facet: [_plain(one) for one in said] for facet, said in found.items()}
        click.echo(
            orjson.dumps({"text": inputs.texts[0].as_py(), "facets": plain}, option=orjson.OPT_INDENT_2)
        )
        return
    f = formats(language())
    click.echo(inputs.texts[0].as_py())
    for facet, said in found.items():
        nodes = nodes_of(pack, facet)
        for one in said:
            title = (
                in_language(nodes[one.label].title, language(), *pack.languages) if one.label in nodes else ""
            )
            click.echo(f"\n{facet}: {title or one.label}, {f.share(one.chance)}")
            for line in sentences(one, f, pack=pack, language=language()):
                click.echo(f"  {line}")


def _plain(one: "Explained") -> dict[str, object]:
    reasons = [reason._asdict() for reason in one.reasons]
    return {"label": one.label, "chance": one.chance, "score": one.score, "reasons": reasons}
