"""What a new pack is made from: the answers of an interview, or of a file that holds the same.

Codes may be left out: they are made from titles. A topic names the body that answers for it, and a measure
or a protocol its topic, by title or by code.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from veche.core.errors import BrokenPack
from veche.core.i18n import _
from veche.packs.files import TomlFile
from veche.packs.model import BODY_LEVELS
from veche.packs.problems import Problems
from veche.packs.rules.model import CLOCK_STARTS, CLOCK_UNITS
from veche.packs.tables import Table, table_list
from veche.packs.text import Phrases, Text


@dataclass(frozen=True)
class Place:
    """A place by its title, with other names that people use for it."""

    title: Text
    names: tuple[str, ...] = ()
    code: str = ""


@dataclass(frozen=True)
class NewTopic:
    """A topic. `body` is the title or code of the body that answers for it."""

    title: Text
    body: str
    examples: Phrases
    keywords: Phrases = field(default_factory=dict)
    #: Code of the topic of the extended pack that it goes under; "" for a section of the new pack.
    under: str = ""
    code: str = ""


@dataclass(frozen=True)
class NewBody:
    """A body that answers for topics of the new pack."""

    title: Text
    level: str = "city"
    contact: str = ""
    code: str = ""


@dataclass(frozen=True)
class NewClock:
    """A deadline."""

    title: Text
    starts: str
    length: int
    unit: str
    legal: str
    source: str
    code: str = ""


@dataclass(frozen=True)
class NewProtocol:
    """A standard response to complaints and requests on one topic."""

    title: Text
    topic: str
    text: Text
    legal: tuple[str, ...] = ()
    code: str = ""


@dataclass(frozen=True)
class NewMeasure:
    """A support measure for those who answer yes to one question, from an age on where there is one."""

    title: Text
    gives: Text
    documents: Phrases
    legal: tuple[str, ...]
    source: str
    body: str
    topic: str
    question: Text
    least_age: int = 0
    code: str = ""


@dataclass(frozen=True)
class Answers:
    """All that a new pack is made from."""

    code: str
    title: Text
    languages: tuple[str, ...]
    timezone: str
    #: Country of the `holidays` package.
    country: str
    licence: str
    place: Place
    districts: tuple[Place, ...]
    topics: tuple[NewTopic, ...]
    bodies: tuple[NewBody, ...]
    #: Pack that the new one extends; "" for none.
    extends: str = ""
    #: Code of a territory of the extended pack: the place itself, or what it lies in.
    same_as: str = ""
    inside: str = ""
    #: Built-in pack whose words for kinds, urgency, groups and masks are copied; "" for `phrases`.
    words: str = ""
    #: Words of one's own, by "question", "complaint", "request", "thanks", "life" and "elderly".
    phrases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    clock: NewClock | None = None
    protocol: NewProtocol | None = None
    measure: NewMeasure | None = None


#: What a pack in a language that no built-in pack speaks must at least listen for.
OWN_WORDS = ("question", "complaint", "request", "thanks", "life", "elderly")


def read_answers(path: Path) -> Answers:
    """Return the answers in a TOML file.

    Raises:
        BrokenPack: something is missing, unknown or wrong; file, line and what to do are named.
    """
    problems = Problems()
    file = TomlFile(path.parent, path, problems)
    answers = _answers(file)
    worst = problems.first_serious()
    if worst:
        raise BrokenPack(
            pack=path.stem, file=worst.file, line=worst.line, problem=worst.message, advice=worst.hint
        )
    return answers


def _answers(file: TomlFile) -> Answers:
    tags = file.data.get("languages")
    languages = tuple(t for t in tags if isinstance(t, str)) if isinstance(tags, list) else ()
    head = Table(file, file.data, line=0, languages=languages)
    several = {
        name: table_list(file, name, languages=languages, others=tuple(file.data))
        for name in ("district", "topic", "body", "clock", "protocol", "measure")
    }
    phrases = Table(file, file.data.get("phrases", {}), line=0, languages=languages)
    answers = Answers(
        code=head.code(),
        title=head.text("title", required=True),
        languages=head.strings("languages", required=True),
        timezone=head.string("timezone", example='"Europe/Moscow"'),
        country=head.string("country", example='"RU"'),
        licence=head.string("licence", default="CC0-1.0"),
        extends=head.code("extends", default=""),
        same_as=head.code("same_as", default=""),
        inside=head.code("inside", default=""),
        words=head.code("words", default=""),
        phrases={name: phrases.strings(name) for name in OWN_WORDS if name in phrases.data},
        place=Place(head.text("place", required=True), head.strings("place_names")),
        districts=tuple(_district(t) for t in several["district"]),
        topics=tuple(_topic(t) for t in several["topic"]),
        bodies=tuple(_body(t) for t in several["body"]),
        clock=next(map(_clock, several["clock"]), None),
        protocol=next(map(_protocol, several["protocol"]), None),
        measure=next(map(_measure, several["measure"]), None),
    )
    phrases.close()
    _close(head, several)
    return answers


def _close(head: Table, several: Mapping[str, list[Table]]) -> None:
    for name, tables in several.items():
        head.tables(name)
        for table in tables:
            table.close()
        if len(tables) > 1 and name in ("clock", "protocol", "measure"):
            tables[1].problem("", _("Only one of these is asked for here."), _("Add more once it is made."))
    head.mapping("phrases")
    head.close()


def _district(table: Table) -> Place:
    return Place(table.text("title", required=True), table.strings("names"), table.code(default=""))


def _topic(table: Table) -> NewTopic:
    return NewTopic(
        title=table.text("title", required=True),
        body=table.string("body"),
        examples=table.phrases("examples"),
        keywords=table.phrases("keywords"),
        under=table.code("under", default=""),
        code=table.code(default=""),
    )


def _body(table: Table) -> NewBody:
    return NewBody(
        title=table.text("title", required=True),
        level=table.choice("level", BODY_LEVELS, default="city"),
        contact=table.string("contact", default=""),
        code=table.code(default=""),
    )


def _clock(table: Table) -> NewClock:
    return NewClock(
        title=table.text("title", required=True),
        starts=table.choice("starts", CLOCK_STARTS),
        length=table.whole("length", least=1, most=100_000),
        unit=table.choice("unit", CLOCK_UNITS),
        legal=table.string("legal"),
        source=table.string("source"),
        code=table.code(default=""),
    )


def _protocol(table: Table) -> NewProtocol:
    return NewProtocol(
        title=table.text("title", required=True),
        topic=table.string("topic"),
        text=table.text("text", required=True),
        legal=table.strings("legal"),
        code=table.code(default=""),
    )


def _measure(table: Table) -> NewMeasure:
    return NewMeasure(
        title=table.text("title", required=True),
        gives=table.text("gives", required=True),
        documents=table.phrases("documents"),
        legal=table.strings("legal"),
        source=table.string("source", default=""),
        body=table.string("body"),
        topic=table.string("topic"),
        question=table.text("question", required=True),
        least_age=table.whole("least_age", default=0, most=120),
        code=table.code(default=""),
    )
