"""`veche themes`: looks at the themes of a finished run, and lets a person decide about them."""

import datetime as dt
import json
import os
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from veche.core.errors import UsageError
from veche.core.formats import formats
from veche.core.i18n import LANGUAGES, _, language, ngettext, set_language

if TYPE_CHECKING:
    from veche.themes.signoff import Held, Signed

_LANG = ["--lang"]


def make_command() -> click.Group:
    """Return the group of commands."""
    group = click.Group("themes", short_help=_("Look at the themes of a run and decide about them."))
    group.add_command(_list_command())
    group.add_command(_show_command())
    group.add_command(_edit_command())
    group.add_command(_apply_command())
    return group


def _folder() -> click.Argument:
    return click.Argument(["folder"], metavar=_("FOLDER"), type=click.Path(path_type=Path))


def _language() -> click.Option:
    return click.Option(_LANG, type=click.Choice(LANGUAGES), help=_("Language of the report and messages."))


def _list_command() -> click.Command:
    return click.Command(
        "list",
        callback=_list,
        short_help=_("List the themes with their sizes, names and what is new."),
        params=[
            _folder(),
            click.Option(["--json", "as_json"], is_flag=True, help=_("Print JSON.")),
            _language(),
        ],
    )


def _show_command() -> click.Command:
    return click.Command(
        "show",
        callback=_show,
        short_help=_("Show one theme with its subthemes and quotations."),
        params=[
            _folder(),
            click.Argument(["code"], metavar=_("CODE")),
            click.Option(["--json", "as_json"], is_flag=True, help=_("Print JSON.")),
            _language(),
        ],
    )


def _edit_command() -> click.Command:
    return click.Command(
        "edit",
        callback=_edit,
        short_help=_("Write themes.toml, the page on which a person decides about the themes."),
        help=_(
            "Write themes.toml into FOLDER: a page on which a person merges, renames, splits, drops and pins "
            "themes. What was decided before stands in it again."
        ),
        params=[_folder(), _language()],
    )


def _apply_command() -> click.Command:
    return click.Command(
        "apply",
        callback=_apply,
        short_help=_("Follow themes.toml: renew the appeals, themes, picture and report of the run."),
        params=[
            _folder(),
            click.Option(
                ["--file", "page"],
                type=click.Path(path_type=Path, dir_okay=False),
                metavar=_("FILE"),
                help=_("The page to follow; themes.toml in FOLDER without it."),
            ),
            click.Option(
                ["--from", "earlier"],
                type=click.Path(path_type=Path),
                metavar=_("FOLDER"),
                help=_("Follow what was decided about this earlier run, for themes that are the same here."),
            ),
            click.Option(
                ["--by"],
                required=True,
                metavar=_("NAME"),
                help=_("Who signs; kept in the folder of the run, beside the decisions."),
            ),
            click.Option(
                ["--pack"], metavar=_("PACK"), help=_("The pack, where it is not one that came with veche.")
            ),
            _language(),
        ],
    )


def _list(*, folder: Path, as_json: bool, lang: str | None) -> None:
    if lang:
        set_language(lang)
    digests = _digests(folder)
    if as_json:
        click.echo(json.dumps(digests, ensure_ascii=False, indent=2))
        return
    show = formats(language())
    themes = digests["themes"]
    rows = [
        (t["theme"], show.number(t["size"]), show.share(t["share"]), _marks(t), t["name"]) for t in themes
    ]
    for kind, title in (("rare", _("rare and singular")), ("aside", _("set aside by a person"))):
        counted = digests.get(kind) or {"size": 0, "share": 0.0}
        if counted["size"] or kind == "rare":
            rows.append(("–", show.number(counted["size"]), show.share(counted["share"]), "", title))
    _print_table((_("code"), _("appeals"), _("share"), _("marks"), _("name")), rows)


def _show(*, folder: Path, code: str, as_json: bool, lang: str | None) -> None:
    if lang:
        set_language(lang)
    digests = _digests(folder)
    theme = _theme(folder, digests, code)
    if as_json:
        click.echo(json.dumps(theme, ensure_ascii=False, indent=2))
        return
    show = formats(language())
    click.echo(click.style(f"{theme['theme']}  {theme['name']}", bold=True))
    size = ngettext("{n} appeal", "{n} appeals", theme["size"]).format(n=show.number(theme["size"]))
    facts = [size, show.share(theme["share"])]
    if theme.get("copies"):
        facts.append(_("copies: {n}").format(n=show.number(theme["copies"])))
    if theme.get("change") is not None:
        facts.append(show.change(theme["change"]) + " " + _("in the last week"))
    if marks := _marks(theme):
        facts.append(marks)
    click.echo(", ".join(facts))
    if theme.get("first_seen"):
        days = [show.day(dt.date.fromisoformat(theme[key])) for key in ("first_seen", "last_seen")]
        click.echo(_("from {first} to {last}").format(first=days[0], last=days[1]))
    if theme.get("keywords"):
        click.echo(_("Words: {words}").format(words=", ".join(theme["keywords"])))
    _print_quotations(theme)
    for sub in theme.get("subthemes", ()):
        click.echo()
        click.echo(f"{sub['theme']}  {sub['name']}  {show.number(sub['size'])}")
        _print_quotations(sub)


def _edit(*, folder: Path, lang: str | None) -> None:
    from veche.themes.signoff import PAGE, read_held, write_page

    if lang:
        set_language(lang)
    held = read_held(folder)
    path = folder / PAGE
    decisions = _read(held, path) if path.exists() else held.last_decisions()
    with _writing(path):
        write_page(held, decisions, path)
    click.echo(path)


def _apply(
    *, folder: Path, page: Path | None, earlier: Path | None, by: str, pack: str | None, lang: str | None
) -> None:
    from veche.packs import load_pack
    from veche.picture import build_cube, write_report
    from veche.run import manifest as manifests
    from veche.run.alerts import write_alerts
    from veche.run.audited import audit_run
    from veche.stages.vectors import encode
    from veche.themes.batches import blocks
    from veche.themes.signoff import PAGE, Tools, carry, read_held, sign, write_page

    if lang:
        set_language(lang)
    if not by.strip():
        raise UsageError(problem=_("--by needs the name of who signs."))
    if page and earlier:
        raise UsageError(problem=_("--file and --from cannot be followed at once."))
    held = read_held(folder)
    manifest = manifests.read(folder)
    assert manifest is not None
    loaded = load_pack(pack or manifest["pack"]["code"])
    threads = os.cpu_count() or 1
    now = dt.datetime.now(dt.UTC)
    with blocks(threads) as pool, _writing(folder):
        tools = Tools(loaded, lambda texts: encode(texts, threads=1), pool, manifest["seed"])
        decisions = carry(read_held(earlier), held, tools) if earlier else _read(held, page or folder / PAGE)
        signed = sign(held, decisions, tools, by=by.strip(), at=now, pack_version=loaded.version)
        build_cube(folder, pack=loaded)
        write_alerts(folder, pack=loaded)
        manifest["audit"] = audit_run(folder, pack=loaded, seed=manifest["seed"])
        manifest["signed"] = {"number": signed.number, "at": now.isoformat(timespec="seconds")}
        report = write_report(folder, pack=loaded, manifest=manifest, language=lang or language())
        manifests.write(folder, manifest)
        write_page(read_held(folder), decisions, folder / PAGE)
    _print_signed(signed, report)


def _print_signed(signed: "Signed", report: Path) -> None:
    show = formats(language())
    n = len(signed.themes.digests["themes"])
    click.echo(
        _("Sign-off {number}: {themes}, {moved}.").format(
            number=signed.number,
            themes=ngettext("{n} theme", "{n} themes", n).format(n=show.number(n)),
            moved=ngettext("{n} appeal moved", "{n} appeals moved", signed.moved).format(
                n=show.number(signed.moved)
            ),
        )
    )
    click.echo(_("Report: {path}").format(path=report))


def _read(held: "Held", path: Path) -> Any:
    from veche.themes.signoff import read_decisions

    return read_decisions(path, names=held.names, parts=held.part_names, run=held.run, folder=held.folder)


def _writing(path: Path) -> Any:
    """Turn what the system refuses into an error that names the place."""
    from contextlib import contextmanager

    from veche.core.errors import OutputError
    from veche.core.library_words import reason

    @contextmanager
    def guarded() -> Any:
        try:
            yield
        except OSError as error:
            raise OutputError(path=error.filename or path, reason=reason(error)) from error

    return guarded()


def _digests(folder: Path) -> dict[str, Any]:
    from veche.core.errors import NoThemes

    try:
        return json.loads((folder / "digests.json").read_text("utf-8"))
    except (OSError, ValueError):
        raise NoThemes(path=folder) from None


def _theme(folder: Path, digests: dict[str, Any], code: str) -> dict[str, Any]:
    import difflib

    found = {t["theme"]: t for t in digests["themes"]}
    found |= {s["theme"]: s for t in digests["themes"] for s in t["subthemes"]}
    if code not in found:
        near = ", ".join(difflib.get_close_matches(code, found, 3, 0.5)) or "–"
        raise UsageError(
            problem=_("{path} has no theme “{theme}”. Perhaps you mean: {near}.").format(
                path=folder, theme=code, near=near
            )
        )
    return found[code]


def _marks(theme: dict[str, Any]) -> str:
    words = {
        "renamed": _("renamed"),
        "merged": _("merged"),
        "split": _("split"),
        "part": _("part"),
        "pinned": _("pinned"),
    }
    marks = [_("new")] if theme.get("is_new") else []
    marks += [_("says nothing")] if theme.get("says_nothing") else []
    return ", ".join([*marks, *(words[d] for d in theme.get("decided", ()) if d in words)])


def _print_quotations(theme: dict[str, Any]) -> None:
    for quotation in theme["quotations"]:
        text = " ".join(quotation["text"].split())
        click.echo()
        click.echo(
            textwrap.fill(_("“{text}”").format(text=text), 100, initial_indent="  ", subsequent_indent="  ")
        )
        click.echo("  " + quotation["appeal_id"])


def _print_table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    """Print a table; the second and third column are numbers."""
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]
    for row in [head, *rows]:
        cells = [
            c.rjust(w) if i in (1, 2) else c.ljust(w)
            for i, (c, w) in enumerate(zip(row, widths, strict=True))
        ]
        click.echo("  ".join(cells).rstrip())
