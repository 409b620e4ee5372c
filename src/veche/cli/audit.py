"""`veche audit`: says whom a digest speaks for, and whom it leaves out."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from veche.cli import options
from veche.core.errors import OutputError, UsageError
from veche.core.i18n import LANGUAGES, _, ngettext, set_language
from veche.core.library_words import reason

if TYPE_CHECKING:
    from veche.audit import Whole
    from veche.core.look import Look
    from veche.packs.model import Pack

#: So many groups that are left out are printed; the page and the JSON have them all.
_MOST_PRINTED = 10


def make_command() -> click.Command:
    """Return the command."""
    return click.Command(
        "audit",
        callback=_audit,
        short_help=_("Say whom a digest speaks for, and whom it leaves out."),
        help=_(
            "Say whom a digest speaks for, and whom it leaves out.\n\nDIGEST is digest.json of a run, a JSON"
            " list of quotations, or plain text or Markdown, written by anyone. APPEALS is the output folder"
            " of a run."
        ),
        params=[
            click.Argument(["digest"], metavar=_("DIGEST"), type=click.Path(path_type=Path)),
            click.Argument(["appeals"], metavar=_("APPEALS"), type=click.Path(path_type=Path)),
            click.Option(
                ["--column", "columns"],
                metavar=_("NAME=COLUMN"),
                multiple=True,
                help=_("Also by a column of the source, for example opinion=“vote”."),
            ),
            click.Option(
                ["--out"],
                metavar=_("PAGE"),
                type=click.Path(path_type=Path),
                help=_("Write a page to this file."),
            ),
            click.Option(["--json", "as_json"], is_flag=True, help=_("Print the audit as JSON.")),
            click.Option(
                ["--lang"], type=click.Choice(LANGUAGES), help=_("Language of the page and messages.")
            ),
            options.seed(),
            click.Option(
                ["--pack"], metavar=_("PACK"), help=_("The pack, where it is not one that came with veche.")
            ),
        ],
    )


def _audit(
    *,
    digest: Path,
    appeals: Path,
    columns: tuple[str, ...],
    out: Path | None,
    as_json: bool,
    lang: str | None,
    seed: int,
    pack: str | None,
) -> None:
    # The rooms are loaded when there is work, so that help comes at once.
    import orjson

    from veche.audit import SAMPLES
    from veche.audit.page import render, verdict
    from veche.run.audited import audited, look_of

    if lang:
        set_language(lang)
    knowledge = _pack_of(appeals, pack)
    chosen = _columns(columns)
    whole = audited(digest, appeals, columns=chosen, pack=knowledge, seed=seed, samples=SAMPLES)
    look = look_of(appeals, knowledge, columns=chosen)
    if out:
        _write(out, render(whole, look, title=digest.name))
    if as_json:
        click.echo(orjson.dumps(whole.to_json(), option=orjson.OPT_INDENT_2))
        return
    _print(whole, verdict(whole), look)
    if out:
        click.echo(_("Page: {path}").format(path=out))


def _print(whole: "Whole", sentence: str, look: "Look") -> None:
    f = look.formats
    audit = whole.audit
    click.echo(sentence)
    click.echo(
        _("Heard: {heard} of the people; drawn by lot: {median}.").format(
            heard=f.share(audit.heard.value), median=f.share(audit.heard.median)
        )
    )
    click.echo(
        _("Sentences: {quoted} quoted, {paraphrased} paraphrased, {bare} without ground.").format(
            quoted=f.number(whole.count("quoted")),
            paraphrased=f.number(whole.count("paraphrased")),
            bare=f.number(whole.count("no ground")),
        )
    )
    for group in audit.left_out[:_MOST_PRINTED]:
        click.echo(
            _("Left out: {name} ({n} people, {share}).").format(
                name=look.label(group.dimension, group.value) or group.value,
                n=f.number(group.size),
                share=f.share(group.share),
            )
        )
    more = len(audit.left_out) - _MOST_PRINTED
    if more > 0:
        click.echo(ngettext("and {n} more group", "and {n} more groups", more).format(n=f.number(more)))
    if not audit.left_out:
        click.echo(_("Left out: no group."))


def _columns(named: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for entry in named:
        name, equals, column = entry.partition("=")
        if not (equals and name and column):
            raise UsageError(
                problem=_("--column “{entry}” is not of the form NAME=COLUMN.").format(entry=entry)
            )
        found[name] = column
    return found


def _pack_of(appeals: Path, named: str | None) -> "Pack | None":
    """The pack that the run was made with, where the folder says so."""
    from veche.packs import load_pack
    from veche.run import manifest as manifests

    code = named
    for folder in (appeals, appeals.parent):
        manifest = manifests.read(folder)
        code = code or (manifest["pack"]["code"] if manifest else None)
    return load_pack(code) if code else None


def _write(path: Path, page: str) -> None:
    try:
        path.write_text(page, encoding="utf-8")
    except OSError as error:
        raise OutputError(path=path, reason=reason(error)) from error
