"""The rules of a pack once they are loaded: facts, conditions, clocks, calendars, responses and measures.

Plain data, as in `veche.packs.model`; what they mean is in the modules beside this one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from veche.packs.text import Phrases, Text

FACT_TYPES = ("number", "boolean", "date", "word", "words", "topic", "territory", "body")

#: What is known of one appeal, case or person. A fact that is not in the mapping is unknown.
FactValue = bool | int | float | str | date | tuple[str, ...] | frozenset[str]
Facts = Mapping[str, FactValue]


@dataclass(frozen=True)
class Fact:
    """Something that conditions ask about. `values` are those a word may take; empty for any."""

    code: str
    type: str
    title: Text
    question: Text = field(default_factory=dict)
    unit: Text = field(default_factory=dict)
    values: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None


@dataclass(frozen=True)
class Compare:
    """Whether the fact stands in the relation `op` to `value`, or to `times` the fact `other`."""

    fact: str
    op: str
    value: FactValue | None = None
    other: str = ""
    times: float = 1.0


@dataclass(frozen=True)
class AllOf:
    """Holds when every part does."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True)
class AnyOf:
    """Holds when at least one part does."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True)
class Not:
    """Holds when the part does not."""

    part: "Condition"


Condition = Compare | AllOf | AnyOf | Not


CLOCK_STARTS = ("received", "registered", "forwarded", "assigned", "answered", "asked")
CLOCK_UNITS = ("hour", "calendar_day", "working_day", "month")


@dataclass(frozen=True)
class Clock:
    """One legal deadline: so much time from an event. `checked` is the day a person compared it, or ""."""

    code: str
    title: Text
    starts: str
    length: int
    unit: str
    legal: str
    source: str
    #: "same" or "next": which day is the first that counts.
    first_day: str = "next"
    #: "none", "next" or "previous": where an end that falls on a day off moves.
    day_off: str = "none"
    extension: int = 0
    extension_unit: str = "calendar_day"
    extension_notice: Text = field(default_factory=dict)
    when: Condition | None = None
    checked: str = ""
    valid_from: str = ""
    valid_to: str = ""


@dataclass(frozen=True)
class CalendarRules:
    """Which days are worked: a country of the `holidays` package, and what was moved."""

    country: str
    subdivision: str = ""
    #: Days of the week off, 0 for Monday.
    weekend: frozenset[int] = frozenset((5, 6))
    #: Off and worked on top of the package's holidays, with the title or "".
    days_off: Mapping[date, str] = field(default_factory=dict)
    working_days: frozenset[date] = frozenset()
    #: Days that a day off was moved away from: worked, unless they are public holidays themselves.
    moved_from: frozenset[date] = frozenset()
    checked: str = ""


#: What the text of a protocol may name in braces; docs/reference/pack-format.md says what each stands for.
PROTOCOL_FIELDS = (
    "number",
    "received",
    "deadline",
    "today",
    "topic",
    "place",
    "body",
    "contact",
    "done",
    "planned",
    "reason",
    "extension",
    "measure",
    "documents",
    "official",
    "phone",
)


@dataclass(frozen=True)
class Protocol:
    """A standard response: when it applies and what it says. `text` holds fields in braces."""

    code: str
    title: Text
    text: Text
    when: Condition
    legal: tuple[str, ...] = ()
    checked: str = ""
    valid_from: str = ""
    valid_to: str = ""


@dataclass(frozen=True)
class Example:
    """A worked example of a measure: `entitled` is None where the facts do not suffice."""

    facts: Facts
    entitled: bool | None
    #: Facts that the answer still needs; None where the example does not say.
    asks: tuple[str, ...] | None
    line: int


@dataclass(frozen=True)
class Measure:
    """A support measure: who is entitled, what they get, by which law, from whom."""

    code: str
    title: Text
    entitled: Condition
    gives: Text
    documents: Phrases
    legal: tuple[str, ...]
    source: str
    body: str
    topics: tuple[str, ...]
    examples: tuple[Example, ...]
    checked: str = ""
    valid_from: str = ""
    valid_to: str = ""
