"""`veche models`: the versions of a model, what they say of themselves, and which one is in use."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from veche.cli.service import data_option, on_database, with_service
from veche.core.errors import UsageError
from veche.core.i18n import LANGUAGES, _, language, set_language

if TYPE_CHECKING:
    from veche.core.formats import Formats
    from veche.learn.store import Version

#: Letters of a digest that tell versions apart at a glance.
_DIGEST_SHOWN = 12


def make_command() -> click.Group:
    """Return the group of commands."""
    group = click.Group("models", short_help=_("See the versions of a model, compare them, go back to one."))
    group.add_command(_command("list", _list, _("List the versions of a model."), json=True))
    group.add_command(
        _command("show", _show, _("Show what a version says of itself."), versions=(_("VERSION"),), json=True)
    )
    group.add_command(
        _command(
            "diff",
            _diff,
            _("Show what changed from one version to another."),
            versions=(_("FROM"), _("TO")),
            json=True,
        )
    )
    group.add_command(
        _command("promote", _promote, _("Put a version in use."), versions=(_("VERSION"),), required=True)
    )
    group.add_command(_command("rollback", _rollback, _("Put the version in use that was before.")))
    group.add_command(_use_command())
    return group


def _use_command() -> click.Command:
    return click.Command(
        "use",
        callback=with_service(_use),
        short_help=_("Let an authority of the live service decide with the version in use."),
        help=_(
            "Let an authority of the live service decide with the version of MODEL that is in use, from the "
            "next appeal on; without MODEL with its pack alone. Appeals that were understood before change "
            "by “veche reprocess”."
        ),
        params=[
            click.Argument(
                ["model"], metavar=_("MODEL"), required=False, type=click.Path(path_type=Path, dir_okay=False)
            ),
            data_option(),
            click.Option(
                ["--tenant"], metavar=_("NAME"), required=True, help=_("The authority, by its short name.")
            ),
        ],
    )


def _command(
    name: str,
    callback: Callable[..., None],
    help: str,
    *,
    versions: tuple[str, ...] = (),
    required: bool = False,
    json: bool = False,
) -> click.Command:
    params: list[click.Parameter] = [
        click.Argument(["model"], metavar=_("MODEL"), type=click.Path(path_type=Path))
    ]
    params += [
        click.Argument([f"version{i}"], metavar=shown, type=click.IntRange(1), required=required)
        for i, shown in enumerate(versions)
    ]
    if json:
        params.append(click.Option(["--json", "as_json"], is_flag=True, help=_("Print it as JSON.")))
    params.append(click.Option(["--lang"], type=click.Choice(LANGUAGES), help=_("Language of the messages.")))
    return click.Command(name, callback=callback, short_help=help, params=params)


def _formats(lang: str | None) -> "Formats":
    from veche.core.formats import formats

    if lang:
        set_language(lang)
    return formats(language())


def _list(*, model: Path, as_json: bool, lang: str | None) -> None:
    from veche.learn.store import versions

    f = _formats(lang)
    known = versions(model)
    if as_json:
        _print_json([_version_json(version) for version in known])
        return
    for version in known:
        click.echo(_line(version, f))


def _show(*, model: Path, version0: int | None, as_json: bool, lang: str | None) -> None:
    from veche.learn.store import log, open_version

    f = _formats(lang)
    version = _one(model, version0)
    card = dict(open_version(version).card)
    if as_json:
        _print_json(_version_json(version) | {"card": card})
        return
    click.echo(_line(version, f))
    data = card["data"]
    click.echo(
        _("Learnt from {n} appeals ({distinct} different texts), {first} to {last}; data {print}").format(
            n=f.number(data["appeals"]),
            distinct=f.number(data["distinct"]),
            first=_day(data["first"], f),
            last=_day(data["last"], f),
            print=data["fingerprint"][:_DIGEST_SHOWN],
        )
    )
    click.echo(
        _("Made by veche {veche} with the pack {pack}, seed {seed}").format(
            veche=card["veche"], pack=" ".join(card["pack"].values()), seed=card["seed"]
        )
    )
    for facet, said in card["facets"].items():
        click.echo(
            _("{facet}: {n} labels").format(facet=facet, n=f.number(len(said["labels"]))) + _figures(said, f)
        )
        if "figures_of" in said:
            click.echo("  " + _since(said, f))
    for entry in log(model):
        click.echo(f"  {entry.at}  {entry.who}  {_did(entry.did)}  {entry.version}")


def _diff(
    *, model: Path, version0: int | None, version1: int | None, as_json: bool, lang: str | None
) -> None:
    from veche.learn.changes import compare
    from veche.learn.store import open_version, versions

    f = _formats(lang)
    new = _one(model, version1)
    older = [v.number for v in versions(model) if v.number < new.number]
    old = _one(model, version0 or (older[-1] if older else new.number))
    changes = compare(dict(open_version(old).card), dict(open_version(new).card))
    if as_json:
        _print_json({"from": old.number, "to": new.number} | changes)
        return
    click.echo(_("From version {old} to version {new}").format(old=old.number, new=new.number))
    for what, (before, after) in changes["data"].items():
        click.echo(f"  {_data_words()[what]}: {_datum(before, f)} → {_datum(after, f)}")
    for facet, change in changes["facets"].items():
        click.echo(facet)
        for name, (before, after) in change["figures"].items():
            click.echo(f"  {figure_words().get(name, name)}: {_number(before, f)} → {_number(after, f)}")
        for sign, names in (("+", change["added"]), ("−", change["removed"])):
            for name in names:
                click.echo(f"  {sign} {name}")


def _use(*, model: Path | None, data: Path, tenant: str) -> None:
    with on_database(data, as_owner=True):
        from veche.service.accounts.models import Tenant
        from veche.service.learnt import use_model, use_pack

        found = Tenant.objects.filter(slug=tenant).first()
        if found is None:
            raise UsageError(problem=_("There is no authority “{name}”.").format(name=tenant))
        if model is None:
            use_pack(found)
            click.echo(_("“{name}” decides with its pack alone from now on.").format(name=found.name))
        else:
            facets = ", ".join(use_model(found, model))
            text = _("“{name}” decides with this model from now on: {facets}.")
            click.echo(text.format(name=found.name, facets=facets))


def _promote(*, model: Path, version0: int, lang: str | None) -> None:
    from veche.learn.store import promote

    _formats(lang)
    version = promote(model, version0, now=dt.datetime.now(dt.UTC))
    click.echo(_("In use: version {version}").format(version=version.number))


def _rollback(*, model: Path, lang: str | None) -> None:
    from veche.learn.store import roll_back

    _formats(lang)
    version = roll_back(model, now=dt.datetime.now(dt.UTC))
    click.echo(_("In use: version {version}").format(version=version.number))


def _one(model: Path, number: int | None) -> "Version":
    """Return the version of that number, else the one in use, else the latest."""
    from veche.learn.store import version_of, versions

    if number is not None:
        return version_of(model, number)
    known = versions(model)
    return next((version for version in known if version.in_use), known[-1])


def _line(version: "Version", f: "Formats") -> str:
    mark = "*" if version.in_use else " "
    size, digest = f.size(version.size_bytes), version.sha256[:_DIGEST_SHOWN]
    return f"{mark} {version.number:>4}  {version.at or '–':<25}  {version.who:<12}  {size:>9}  {digest}"


def _version_json(version: "Version") -> dict[str, Any]:
    return {
        "version": version.number,
        "at": version.at,
        "who": version.who,
        "sha256": version.sha256,
        "size_bytes": version.size_bytes,
        "in_use": version.in_use,
    }


def _since(said: dict[str, Any], f: "Formats") -> str:
    """Return what was learnt since the figures were measured."""
    line = _(
        "These figures are of before: of {rows} appeals. Since then {n} corrections were learnt; new: {new}."
    )
    return line.format(
        rows=f.number(said["figures_of"]),
        n=f.number(said["corrected"]),
        new=", ".join(said["added"]) or "–",
    )


def _figures(said: dict[str, Any], f: "Formats") -> str:
    from veche.learn.figures import TOP

    words = figure_words()
    shown = [
        f"{words.get(name, name)} {_number(value, f)}"
        for name, value in said["figures"].items()
        if name != f"top{TOP}_accuracy" or len(said["labels"]) > TOP
    ]
    return "; " + ", ".join(shown)


def figure_words() -> dict[str, str]:
    """Return the names of a card's figures in the language in force."""
    return {
        "accuracy": _("right"),
        "top3_accuracy": _("among the first three"),
        "weighted_f1": _("weighted F1"),
        "macro_f1": _("macro F1"),
        "micro_f1": _("micro F1"),
        "exact_match": _("all labels right"),
        "calibration_error": _("calibration error"),
        "decided_alone": _("decided alone"),
    }


def _data_words() -> dict[str, str]:
    return {
        "appeals": _("appeals"),
        "distinct": _("different texts"),
        "first": _("first day"),
        "last": _("last day"),
        "fingerprint": _("data"),
    }


def _datum(value: int | str | None, f: "Formats") -> str:
    if isinstance(value, int):
        return f.number(value)
    return (value or "–")[:_DIGEST_SHOWN]


def _number(value: float | None, f: "Formats") -> str:
    return "–" if value is None else f.number(value, digits=3)


def _day(day: str | None, f: "Formats") -> str:
    return f.day(dt.date.fromisoformat(day)) if day else "–"


def _did(did: str) -> str:
    from veche.learn import store

    words = {
        store.MADE: _("made"),
        store.PROMOTED: _("put in use"),
        store.ROLLED_BACK: _("gone back to"),
    }
    return words.get(did, did)


def _print_json(value: Any) -> None:
    import orjson

    click.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2))
