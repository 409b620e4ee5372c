"""`veche pack show PACK CODE`: one entry of a pack, fully, for a person."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import click

from veche.cli.pack.layout import Row, print_heading, print_paragraph, print_rows
from veche.cli.pack.words import entry_title, level_title, span_title, start_title
from veche.core.formats import formats
from veche.core.i18n import _, language
from veche.packs.competence import body_title
from veche.packs.model import Body, Pack, Topic
from veche.packs.rules.facts import known_facts
from veche.packs.rules.model import Clock, Condition, Example, Measure, Protocol
from veche.packs.rules.wording import condition_lines, fact_title, number_text, value_words
from veche.packs.showing.describe import (
    Found,
    answering,
    below,
    entry_fields,
    measures_for,
    overseeing,
    protocols_for,
)
from veche.packs.text import Text
from veche.picture.words import label, title


def print_entry(pack: Pack, found: Found) -> None:
    """Print one entry fully."""
    name = title(getattr(found.entry, "title", {}), language())
    print_heading(": ".join(piece for piece in (entry_title(found.part), name) if piece), f"({found.code})")
    printers: Mapping[str, Callable[[Pack, Any], None]] = {
        "topic": _print_topic,
        "body": _print_body,
        "measure": _print_measure,
        "protocol": _print_protocol,
        "clock": _print_clock,
    }
    if found.part in printers:
        printers[found.part](pack, found.entry)
    else:
        print_rows([(name, _flat(value)) for name, value in entry_fields(found).items()])


def _print_topic(pack: Pack, topic: Topic) -> None:
    named = [f"{code}: {means}" if means else code for code, means in topic.not_]
    print_rows(
        [
            *_texts(_("Title"), topic.title),
            *_texts(_("Description"), topic.description),
            (_("Usual kind"), label("kind", topic.kind)),
            (_("Usual urgency"), label("urgency", topic.urgency)),
            *_several(_("Not to be confused with"), named),
        ]
    )
    for tag, examples in topic.examples.items():
        _print_items(_("Examples, {language}").format(language=label("language", tag)), examples)
    for tag, words in topic.keywords.items():
        print_heading(_("Keywords, {language}").format(language=label("language", tag)))
        print_paragraph(", ".join(words), first="  ")
    _print_titled(_("Topics below"), below(pack, topic.code), pack.topics)
    _print_bodies(_("Who answers"), answering(pack, topic.code), pack)
    _print_bodies(_("Who oversees"), overseeing(pack, topic.code), pack)
    _print_titled(_("Standard responses"), protocols_for(pack, topic.code), pack.protocols)
    _print_titled(_("Support measures"), measures_for(pack, topic.code), pack.measures)


def _print_body(pack: Pack, body: Body) -> None:
    print_rows(
        [
            *_texts(_("Title"), body.title),
            (_("Level"), level_title(body.level)),
            *_several(_("Address for appeals"), (body.contact,)),
            *_several(_("Territory"), (body.territory,)),
            *_several(_("Above it"), (body.parent,)),
            *_validity(body.valid_from, body.valid_to),
        ]
    )
    _print_titled(_("Answers for"), body.topics, pack.topics)
    _print_titled(_("Oversees"), body.oversees, pack.topics)
    granted = [code for code, measure in pack.measures.items() if measure.body == body.code]
    _print_titled(_("Support measures"), granted, pack.measures)


def _print_measure(pack: Pack, measure: Measure) -> None:
    print_rows(
        [
            *_texts(_("Title"), measure.title),
            *_texts(_("Gives"), measure.gives),
            (_("Granted by"), _body(measure.body, pack)),
            *_legal(measure.legal, measure.source),
            *_validity(measure.valid_from, measure.valid_to),
            ("", _checked(measure.checked)),
        ]
    )
    _print_condition(_("Entitled, if"), measure.entitled, pack)
    documents = measure.documents.get(language()) or next(iter(measure.documents.values()), ())
    _print_items(_("Documents"), documents)
    print_heading(_("Worked examples"))
    print_rows([(_entitled(example.entitled), _facts(example, pack)) for example in measure.examples])
    _print_titled(_("Topics"), measure.topics, pack.topics)


def _entitled(answer: bool | None) -> str:
    return _("cannot be told") if answer is None else _("entitled") if answer else _("not entitled")


def _facts(example: Example, pack: Pack) -> str:
    known = known_facts(pack)
    told = (
        f"{fact_title(known.get(code), code)}: {value_words(value, known.get(code), pack, _word)}"
        for code, value in example.facts.items()
    )
    return "; ".join(told) or _("nothing is known")


def _print_protocol(pack: Pack, protocol: Protocol) -> None:
    print_rows(
        [
            *_texts(_("Title"), protocol.title),
            *_legal(protocol.legal, ""),
            *_validity(protocol.valid_from, protocol.valid_to),
            ("", _checked(protocol.checked)),
        ]
    )
    _print_condition(_("Applies, if"), protocol.when, pack)
    for tag, text in protocol.text.items():
        print_heading(_("Text, {language}").format(language=label("language", tag)))
        for line in text.splitlines():
            print_paragraph(line, first="  ")


def _print_clock(pack: Pack, clock: Clock) -> None:
    first = {"same": _("the day of the event"), "next": _("the day after")}
    moves = {"none": _("stays"), "next": _("moves to the next working day"), "previous": _("moves before it")}
    rows = [
        *_texts(_("Title"), clock.title),
        (_("Length"), f"{span_title(clock.length, clock.unit)} {start_title(clock.starts)}"),
        (_("First day that counts"), first[clock.first_day]),
        (_("An end on a day off"), moves[clock.day_off]),
        *_legal((clock.legal,), clock.source),
        *_validity(clock.valid_from, clock.valid_to),
        ("", _checked(clock.checked)),
    ]
    if clock.extension:
        notice = title(clock.extension_notice, language())
        longer = span_title(clock.extension, clock.extension_unit)
        rows.insert(
            3 + len(clock.title), (_("May be extended by"), "; ".join(filter(None, (longer, notice))))
        )
    print_rows(rows)
    if clock.when:
        _print_condition(_("Counted, if"), clock.when, pack)


def _texts(name: str, text: Text) -> list[Row]:
    """Return a text in all its languages, the name of the field beside the first."""
    return [
        (name if not i else "", f"{label('language', tag)}: {words}")
        for i, (tag, words) in enumerate(text.items())
    ]


def _print_items(heading: str, items: Iterable[str]) -> None:
    print_heading(heading)
    for item in items:
        print_paragraph(item, first="  • ")


def _print_titled(heading: str, codes: Iterable[str], entries: Mapping[str, Any]) -> None:
    rows: list[Row] = [(c, title(entries[c].title, language()) if c in entries else "") for c in codes]
    if rows:
        print_heading(heading)
        print_rows(rows)


def _print_bodies(heading: str, values: Iterable[str], pack: Pack) -> None:
    rows: list[Row] = [(value, _body(value, pack)) for value in values]
    if rows:
        print_heading(heading)
        print_rows(rows)


def _print_condition(heading: str, condition: Condition, pack: Pack) -> None:
    print_heading(heading)
    for line in condition_lines(condition, pack, named=_word):
        click.echo("  " + line)


def _word(fact: str, word: str) -> str:
    return label({"groups": "group"}.get(fact, fact), word)


def _body(value: str, pack: Pack) -> str:
    return body_title(value, pack=pack, language=language()) if value else ""


def _several(name: str, values: Iterable[str]) -> list[Row]:
    told = [value for value in values if value]
    return [(name if not i else "", value) for i, value in enumerate(told)]


def _legal(legal: Iterable[str], source: str) -> list[Row]:
    return [*_several(_("Legal basis"), legal), *_several(_("Source"), (source,))]


def _validity(begins: str, ends: str) -> list[Row]:
    return [*_several(_("Valid from"), (_day(begins),)), *_several(_("Valid to"), (_day(ends),))]


def _day(day: str) -> str:
    return formats(language()).day(dt.date.fromisoformat(day)) if day else ""


def _checked(day: str) -> str:
    if day:
        return _("checked on {day}").format(day=_day(day))
    return _("a sample that nobody has compared with the law yet")


def _flat(value: object) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list | tuple | frozenset):
        return ", ".join(map(_flat, sorted(value) if isinstance(value, frozenset) else value))
    if isinstance(value, int | float):
        return number_text(value)
    return formats(language()).day(value) if isinstance(value, dt.date) else str(value)
