"""`veche pack show`: what a pack holds, for a person at a terminal or as JSON."""

import datetime as dt
import difflib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import click

from veche.cli.pack import entry
from veche.cli.pack.layout import Row, print_heading, print_rows
from veche.cli.pack.words import level_title, part_title, span_title, start_title
from veche.core.errors import UsageError
from veche.core.formats import formats
from veche.core.i18n import _, language, ngettext
from veche.packs import available_packs, describe
from veche.packs.model import Cue, Pack
from veche.packs.showing.describe import below, describe_entry, find_entries, parts
from veche.packs.text import in_language
from veche.packs.tree import leaves, path_of
from veche.picture.words import label, title, weekday


def print_pack(pack: Pack, *, as_json: bool) -> None:
    """Print what a pack holds, how much of it, how much was checked, and from where."""
    if as_json:
        click.echo(json.dumps(describe(pack), ensure_ascii=False, indent=2))
        return
    _print_head(pack)
    _print_topics(pack)
    _print_levels("body", (body.level for body in pack.bodies.values()))
    _print_levels("territory", (place.level for place in pack.territories.values()))
    _print_words(pack)
    _print_calendar(pack)
    _print_clocks(pack)
    _print_list("protocol", pack.protocols)
    _print_list("measure", pack.measures)
    if pack.sources:
        print_heading(part_title("source"))
        print_rows([(s.file, s.licence, in_language(s.title, language())) for s in pack.sources])
    click.echo()
    click.echo(
        _("One entry fully: {command}").format(command=f"veche pack show {_name(pack)} {_an_example(pack)}")
    )


def print_entries(pack: Pack, code: str, *, as_json: bool) -> None:
    """Print the entries of that code fully.

    Raises:
        UsageError: there is none.
    """
    found = find_entries(pack, code)
    if not found:
        raise UsageError(problem=_unknown(pack, code))
    if as_json:
        told = [describe_entry(pack, one) for one in found]
        click.echo(json.dumps(told, ensure_ascii=False, indent=2, default=str))
        return
    for one in found:
        entry.print_entry(pack, one)


def _unknown(pack: Pack, code: str) -> str:
    known = dict.fromkeys(known for entries in parts(pack).values() for known in entries)
    near = difflib.get_close_matches(code, known, n=5) or [c for c in known if code in c][:5]
    told = _("Pack {pack} holds nothing with the code “{code}”.").format(pack=pack.code, code=code)
    return told + (" " + _("Near are: {codes}.").format(codes=", ".join(near)) if near else "")


def _name(pack: Pack) -> str:
    """Return how a command names the pack: by its code where it came with veche, else by its folder."""
    return pack.code if available_packs().get(pack.code) == pack.path else str(pack.path)


def _an_example(pack: Pack) -> str:
    return next(iter(pack.measures), "") or next(iter(leaves(pack.topics)), "") or next(iter(pack.bodies), "")


def _print_head(pack: Pack) -> None:
    click.secho(f"{title(pack.title, language())}  {pack.code} {pack.version}", bold=True)
    languages = ", ".join(label("language", tag) for tag in pack.languages)
    print_rows(
        [
            (_("Languages"), languages),
            (_("Time zone"), pack.timezone),
            (_("Licence"), pack.licence),
            (_("Folder"), str(pack.path)),
        ]
    )


def _print_topics(pack: Pack) -> None:
    number = formats(language()).number
    leaf = leaves(pack.topics)
    n_below = Counter(above for code in leaf for above in path_of(code, pack.topics) if above != code)
    print_heading(part_title("topic"), number(len(leaf)))
    print_rows(
        [
            ("  " * depth + code, title(pack.topics[code].title, language()), number(n_below[code] or 1))
            for depth, code in _as_tree(pack, "")
            if n_below[code] or not depth
        ],
        right=(2,),
    )
    examples, keywords = _total(pack, "examples"), _total(pack, "keywords")
    click.echo("  " + _("Example sentences: {counts}").format(counts=examples))
    click.echo("  " + _("Keywords: {counts}").format(counts=keywords))


def _as_tree(pack: Pack, parent: str, *, depth: int = 0) -> Iterator[tuple[int, str]]:
    """Yield (depth, code) of the topics under `parent`, each before those below it."""
    for code in below(pack, parent):
        yield depth, code
        yield from _as_tree(pack, code, depth=depth + 1)


def _total(pack: Pack, part: str) -> str:
    number = formats(language()).number
    counts: Counter[str] = Counter()
    for topic in pack.topics.values():
        for tag, texts in getattr(topic, part).items():
            counts[tag] += len(texts)
    return ", ".join(f"{label('language', tag)} {number(counts[tag])}" for tag in pack.languages)


def _print_levels(part: str, levels: Iterable[str]) -> None:
    number = formats(language()).number
    counts = Counter(levels)
    print_heading(part_title(part), number(counts.total()))
    print_rows([(level_title(level), number(n)) for level, n in counts.items()], right=(1,))


def _print_words(pack: Pack) -> None:
    print_heading(_("Words that it listens for"))
    rows = (
        (part_title("kind"), [label("kind", cue.value) for cue in pack.kinds]),
        (part_title("urgency"), [label("urgency", cue.value) for cue in pack.urgencies]),
        (part_title("group"), [_group(cue) for cue in pack.groups]),
        (part_title("recogniser"), [title(r.label, language()) for r in pack.recognisers]),
        (part_title("fact"), [title(fact.title, language()) for fact in pack.facts.values()]),
    )
    print_rows([(heading, ", ".join(values)) for heading, values in rows if values])


def _group(cue: Cue) -> str:
    return label("age_group" if cue.family == "age" else "group", cue.value)


def _print_calendar(pack: Pack) -> None:
    calendar = pack.calendar
    if calendar is None:
        return
    number = formats(language()).number
    print_heading(part_title("calendar"))
    country = "-".join(part for part in (calendar.country, calendar.subdivision) if part)
    print_rows(
        [
            (_("Holidays of"), country),
            (_("Weekend"), ", ".join(weekday(day) for day in sorted(calendar.weekend))),
            (_("Days off besides"), number(len(calendar.days_off))),
            (_("Days worked besides"), number(len(calendar.working_days))),
            ("", checked_mark(calendar.checked)),
        ]
    )


def _print_clocks(pack: Pack) -> None:
    if not pack.clocks:
        return
    print_heading(part_title("clock"), _count_of_samples(c.checked for c in pack.clocks.values()))
    print_rows(
        [
            (
                code,
                title(clock.title, language()),
                f"{span_title(clock.length, clock.unit)} {start_title(clock.starts)}",
                checked_mark(clock.checked),
            )
            for code, clock in pack.clocks.items()
        ]
    )


def _print_list(part: str, entries: Mapping[str, Any]) -> None:
    if not entries:
        return
    print_heading(part_title(part), _count_of_samples(e.checked for e in entries.values()))
    print_rows(list(_rows_of_list(entries)))


def _rows_of_list(entries: Mapping[str, Any]) -> Iterator[Row]:
    for code, one in entries.items():
        yield code, title(one.title, language()), checked_mark(one.checked) if one.checked else ""


def _count_of_samples(checked: Iterable[str]) -> str:
    days = list(checked)
    number = formats(language()).number
    samples = sum(1 for day in days if not day)
    if not samples:
        return number(len(days))
    told = ngettext(
        "{n} of them is a sample that nobody checked", "{n} of them are samples that nobody checked", samples
    )
    return f"{number(len(days))}; " + told.format(n=number(samples))


def checked_mark(day: str) -> str:
    """Return when a person compared an entry with its source."""
    if not day:
        return _("not checked")
    return _("checked on {day}").format(day=formats(language()).day(dt.date.fromisoformat(day)))
