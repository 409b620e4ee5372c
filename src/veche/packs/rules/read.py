"""Reads the parts of a pack that decide: facts, calendar, clocks, protocols and measures."""

import datetime
import re
from collections.abc import Mapping

from veche.core.i18n import _
from veche.packs.files import MarkdownFile, TomlFile
from veche.packs.parts import Parts
from veche.packs.rules.calendars import supported
from veche.packs.rules.condition_reader import parse
from veche.packs.rules.facts import given, read_fact
from veche.packs.rules.model import (
    CLOCK_STARTS,
    CLOCK_UNITS,
    PROTOCOL_FIELDS,
    AllOf,
    CalendarRules,
    Clock,
    Example,
    Fact,
    Measure,
    Protocol,
)
from veche.packs.tables import Table, table_list

#: The longest clock in its unit; more is a slip of the pen.
_LONGEST = 10_000

_WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_BRACES = re.compile(r"\{([^{}]*)\}|[{}]")
_HEADING = re.compile(r"#\s+(\S.*?)\s*")

#: Stands for a condition that is wrong; the problem that was noted keeps the pack from loading.
_NOTHING = AllOf(())


def facts(parts: Parts) -> dict[str, Fact]:
    """Return the facts of facts.toml."""
    return parts.entries(parts.folder / "facts.toml", "fact", read_fact, key=lambda f: f.code)


def clocks(parts: Parts, known: Mapping[str, Fact]) -> dict[str, Clock]:
    """Return the clocks of clocks.toml; their conditions ask about the facts `known`."""
    path = parts.folder / "clocks.toml"
    return parts.entries(path, "clock", lambda table: _clock(table, known), key=lambda c: c.code)


def _clock(table: Table, known: Mapping[str, Fact]) -> Clock:
    return Clock(
        code=table.code(),
        title=table.text("title", required=True),
        starts=table.choice("starts", CLOCK_STARTS),
        length=table.whole("length", most=_LONGEST),
        unit=table.choice("unit", CLOCK_UNITS),
        legal=table.string("legal", default=""),
        source=table.string("source", default=""),
        first_day=table.choice("first_day", ("same", "next"), default="next"),
        day_off=table.choice("day_off", ("none", "next", "previous"), default="none"),
        extension=table.whole("extension", default=0, most=_LONGEST),
        extension_unit=table.choice("extension_unit", CLOCK_UNITS, default="calendar_day"),
        extension_notice=table.text("extension_notice"),
        when=parse(table, "when", facts=known, required=False),
        checked=table.day("checked"),
        valid_from=table.day("valid_from"),
        valid_to=table.day("valid_to"),
    )


def measures(parts: Parts, known: Mapping[str, Fact]) -> dict[str, Measure]:
    """Return the measures of all files in `measures/`, in the order of the files' names."""
    found: dict[str, Measure] = {}
    for path in sorted((parts.folder / "measures").glob("*.toml")):
        found |= parts.entries(
            path, "measure", lambda table: _measure(table, known), key=lambda m: m.code, seen=found
        )
    return found


def _measure(table: Table, known: Mapping[str, Fact]) -> Measure:
    return Measure(
        code=table.code(),
        title=table.text("title", required=True),
        entitled=parse(table, "entitled", facts=known) or _NOTHING,
        gives=table.text("gives"),
        documents=table.phrases("documents"),
        legal=table.strings("legal"),
        source=table.string("source", default=""),
        body=table.code("body", default=""),
        topics=table.strings("topics"),
        examples=tuple(_example(entry, known) for entry in _example_tables(table)),
        checked=table.day("checked"),
        valid_from=table.day("valid_from"),
        valid_to=table.day("valid_to"),
    )


def _example_tables(table: Table) -> list[Table]:
    entries = table.tables("example")
    for index, entry in enumerate(entries):
        line = table.file.line_of_table("measure.example", index, table.line)
        entry.line = line if line > table.line else entry.line
    return entries


def _example(table: Table, known: Mapping[str, Fact]) -> Example:
    entitled = table.value("entitled")
    if not isinstance(entitled, bool) and entitled != "unknown":
        table.problem(
            "entitled",
            _("“{value}” is not a value of “{key}”.").format(value=entitled, key="entitled"),
            _("Use one of: {allowed}.").format(allowed='true, false, "unknown"'),
        )
    asks = table.strings("asks") if "asks" in table.data else None
    for code in asks or ():
        if code not in known:
            table.problem(
                "asks",
                _("There is no fact “{code}”.").format(code=code),
                _("Correct the code, or add the fact to facts.toml."),
            )
    found = Example(
        facts=given(table, "facts", table.mapping("facts", required=True), known),
        entitled=entitled if isinstance(entitled, bool) else None,
        asks=asks,
        line=table.line,
    )
    table.close()
    return found


def protocols(parts: Parts, known: Mapping[str, Fact]) -> dict[str, Protocol]:
    """Return the protocols of all files in `protocols/`, in the order of the files' names."""
    found: dict[str, Protocol] = {}
    for path in sorted((parts.folder / "protocols").glob("*.md")):
        file = MarkdownFile(parts.folder, path, parts.problems)
        if not file.data:
            continue
        table = Table(file, file.data, line=0, languages=parts.languages)
        protocol = _protocol(table, file, known)
        table.close()
        parts.keep(table, "protocol", protocol.code, protocol, found)
    return found


def _protocol(table: Table, file: MarkdownFile, known: Mapping[str, Fact]) -> Protocol:
    return Protocol(
        code=table.code(),
        title=table.text("title", required=True),
        text=_texts(file, table.languages),
        when=parse(table, "when", facts=known) or _NOTHING,
        legal=table.strings("legal"),
        checked=table.day("checked"),
        valid_from=table.day("valid_from"),
        valid_to=table.day("valid_to"),
    )


def _texts(file: MarkdownFile, languages: tuple[str, ...]) -> dict[str, str]:
    texts: dict[str, list[str]] = {}
    lines: list[str] | None = None
    advice = _("Begin each text with a heading that names its language, like: # {language}").format(
        language=languages[0] if languages else "en"
    )
    for number, line in file.body:
        heading = _HEADING.fullmatch(line)
        if heading:
            tag = heading[1]
            if tag not in languages or tag in texts:
                file.problem(number, _("“{tag}” is not a language of this pack.").format(tag=tag), advice)
            lines = texts.setdefault(tag, [])
        elif lines is not None:
            _braces(file, number, line)
            lines.append(line)
        elif line.strip():
            file.problem(number, _("This text stands under no language."), advice)
            lines = []
    found = {tag: "\n".join(several).strip() for tag, several in texts.items()}
    if not any(found.values()):
        file.problem(max(len(file.lines), 1), _("The protocol has no text."), advice)
    return {tag: text for tag, text in found.items() if text}


def _braces(file: MarkdownFile, number: int, line: str) -> None:
    for match in _BRACES.finditer(line):
        if match[1] not in PROTOCOL_FIELDS:
            file.problem(
                number,
                _("“{field}” is not a field of a protocol.").format(field=match[0]),
                _("Use one of: {allowed}.").format(allowed=", ".join(PROTOCOL_FIELDS)),
            )


def calendar(parts: Parts) -> CalendarRules | None:
    """Return the rules of calendar.toml, None where the pack has none of its own."""
    path = parts.folder / "calendar.toml"
    if not path.exists():
        return None
    file = TomlFile(parts.folder, path, parts.problems)
    top = Table(file, file.data, line=0, languages=parts.languages)
    country, subdivision = top.string("country", example='"RU"'), top.string("subdivision", default="")
    if country and not supported(country, subdivision):
        top.problem(
            "subdivision" if supported(country, "") else "country",
            _("The calendar knows no holidays of “{place}”.").format(
                place=f"{country} {subdivision}".strip()
            ),
            _("Use the codes of ISO 3166, such as RU, or US with MA."),
        )
    days_off, working, moved = _days(file, parts.languages, top)
    weekend, checked = _weekend(top), top.day("checked")
    for key in ("moved", "day_off", "working_day"):
        top.value(key)
    top.close()
    return CalendarRules(
        country=country,
        subdivision=subdivision,
        weekend=weekend,
        days_off=days_off,
        working_days=frozenset(working),
        moved_from=frozenset(moved),
        checked=checked,
    )


def _weekend(top: Table) -> frozenset[int]:
    names = top.strings("weekend") if "weekend" in top.data else ("saturday", "sunday")
    for name in names:
        if name not in _WEEK:
            top.problem(
                "weekend",
                _("“{value}” is not a value of “{key}”.").format(value=name, key="weekend"),
                _("Use one of: {allowed}.").format(allowed=", ".join(_WEEK)),
            )
    found = frozenset(_WEEK.index(name) for name in names if name in _WEEK)
    if len(found) == len(_WEEK):
        top.problem("weekend", _("No day of the week is worked."), _("Leave at least one day out."))
    return found


def _days(
    file: TomlFile, languages: tuple[str, ...], top: Table
) -> tuple[dict[datetime.date, str], list[datetime.date], list[datetime.date]]:
    off: dict[datetime.date, str] = {}
    working: list[datetime.date] = []
    moved: list[datetime.date] = []
    others = tuple(top.data)
    for table in table_list(file, "moved", languages=languages, others=others):
        moved += _day(table, "from")
        off |= dict.fromkeys(_day(table, "to"), "")
        _sourced(table)
    for table in table_list(file, "day_off", languages=languages, others=others):
        title = next(iter(table.text("title").values()), "")
        off |= dict.fromkeys(_day(table, "day"), title)
        _sourced(table)
    for table in table_list(file, "working_day", languages=languages, others=others):
        days = _day(table, "day")
        if off.keys() & set(days):
            table.problem("day", _("This day is a day off above."), _("Leave it where it belongs."))
        working += days
        _sourced(table)
    return off, working, moved


def _day(table: Table, key: str) -> list[datetime.date]:
    text = table.day(key, required=True)
    return [datetime.date.fromisoformat(text)] if text else []


def _sourced(table: Table) -> None:
    table.string("source")
    table.close()
