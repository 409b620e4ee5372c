"""`veche pack diff`: what differs between two packs, for a person or a program."""

import json
from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from typing import Any

import click

from veche.cli.pack.words import part_title
from veche.core.formats import formats
from veche.core.i18n import _, language
from veche.packs.model import Pack
from veche.packs.showing.compare import Change, compare
from veche.packs.text import in_language

#: Longer values are cut in the text, with the count of what is left out; JSON holds all.
_MOST_ITEMS, _MOST_LETTERS = 12, 300


def print_changes(old: Pack, new: Pack, *, as_json: bool) -> None:
    """Print what `new` adds, removes and changes, by part and code."""
    changes = compare(old, new)
    if as_json:
        click.echo(json.dumps([change.as_json() for change in changes], ensure_ascii=False, indent=2))
        return
    if not changes:
        click.echo(_("The packs say the same."))
        return
    for part, several in groupby(changes, key=lambda change: change.part):
        click.secho(part_title(part), bold=True)
        for change in several:
            _print_change(change, (*new.languages, *old.languages))
    click.echo()
    click.echo(_summary(changes))


def _print_change(change: Change, languages: tuple[str, ...]) -> None:
    sign, colour = {"added": ("+", "green"), "removed": ("−", "red")}.get(change.how, ("~", "yellow"))
    title = in_language(change.title, language(), *languages)
    told = "  ".join(piece for piece in (change.code, title) if piece)
    click.secho(f"  {sign} {told}", fg=colour)
    for name, (old, new) in change.fields.items():
        for line in _field_lines(name, old, new):
            click.echo(f"      {line}")


def _field_lines(name: str, old: Any, new: Any) -> Iterator[str]:
    if not isinstance(old or new, list) or not all(isinstance(v, list | None) for v in (old, new)):
        yield f"{name}: {_short(old)} → {_short(new)}"
        return
    before, after = [_text(item) for item in old or ()], [_text(item) for item in new or ()]
    gone = list((Counter(before) - Counter(after)).elements())
    came = list((Counter(after) - Counter(before)).elements())
    yield f"{name}:" if gone or came else f"{name}: " + _("in another order")
    for sign, items in (("−", gone), ("+", came)):
        yield from (f"  {sign} {_cut(item)}" for item in items[:_MOST_ITEMS])
        if len(items) > _MOST_ITEMS:
            rest = formats(language()).number(len(items) - _MOST_ITEMS)
            yield f"  {sign} " + _("and {n} more").format(n=rest)


def _short(value: Any) -> str:
    return _("nothing") if value is None else _cut(_text(value))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _cut(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _MOST_LETTERS else flat[: _MOST_LETTERS - 1] + "…"


def _summary(changes: list[Change]) -> str:
    number = formats(language()).number
    counts = Counter(change.how for change in changes)
    return _("Added: {added}. Removed: {removed}. Changed: {changed}.").format(
        **{how: number(counts[how]) for how in ("added", "removed", "changed")}
    )
