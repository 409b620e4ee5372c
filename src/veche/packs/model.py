"""What a pack holds once it is loaded and checked. Plain data; the stages read it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from veche.packs.rules.model import CalendarRules, Clock, Fact, Measure, Protocol
from veche.packs.text import Phrases, Text

KINDS = ("question", "complaint", "request", "proposal", "thanks", "threat", "spam", "other")
BODY_LEVELS = ("federal", "regional", "municipal", "operator", "city")
URGENCIES = ("life", "deadline", "none")
LEVELS = ("country", "region", "municipality", "settlement", "district")

#: Types of personal data that the masks stage looks for; "custom" is whatever the pack's own patterns find.
MASK_TYPES = (
    "phone",
    "email",
    "card",
    "snils",
    "inn",
    "oms",
    "passport",
    "driving_licence",
    "car_plate",
    "iban",
    "bank_account",
    "national_insurance",
    "ssn",
    "home_address",
    "birth_date",
    "name",
    "url_account",
    "custom",
)


@dataclass(frozen=True)
class Topic:
    """A node of the classifier. `code` is the whole path ("roads.potholes"); "" is no parent."""

    code: str
    parent: str
    title: Text
    description: Text
    examples: Phrases
    keywords: Phrases
    #: Neighbours that this topic is mistaken for: (code of the neighbour, what belongs there).
    not_: tuple[tuple[str, str], ...] = ()
    urgency: str = "none"
    kind: str = "complaint"


@dataclass(frozen=True)
class Body:
    """An authority, or a kind of authority whose title names a territory.

    Such a title holds {municipality}, {region} or {settlement}: "Administration of {municipality}".
    """

    code: str
    title: Text
    level: str
    #: Codes of topics it answers for; "roads" covers all topics below it.
    topics: tuple[str, ...]
    #: Codes of topics on which it controls those who answer.
    oversees: tuple[str, ...] = ()
    #: Where appeals are handed in: an address of mail or the web; "" for unknown.
    contact: str = ""
    #: Code of the territory it works in; "" for a kind of body that exists in every territory of `level`.
    territory: str = ""
    parent: str = ""
    valid_from: str = ""
    valid_to: str = ""


@dataclass(frozen=True)
class Territory:
    """A node of the country's tree. `names` are official names and variants in the base form.

    A city that is a region of its own (Moscow) is one node of level "region".
    """

    code: str
    parent: str
    level: str
    title: Text
    names: Phrases
    #: Forms to look for in folded text that name the place wherever they stand (case forms, variants).
    forms: tuple[str, ...] = ()
    #: Forms that are also common words, first names or surnames ("орел", "киров"): they count only with a
    #: capital letter inside a sentence or a word such as "город", "г." or "city of" beside them.
    weak_forms: tuple[str, ...] = ()
    #: Forms of the adjective ("казанский"): they count in lower case; with a capital letter they are most
    #: often the names of streets and stations.
    adjectives: tuple[str, ...] = ()
    #: Names in the base form that count only in context, as the pack's editor declared them.
    context_names: tuple[str, ...] = ()
    population: int | None = None
    lat: float | None = None
    lon: float | None = None
    timezone: str = ""
    #: Official codes by register ("kladr", "fias", "okato", "oktmo", "iso"); only those that are known.
    codes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Pair:
    """Words of two kinds that point to a value when one of each stands in a sentence, near the other."""

    one: Phrases
    other: Phrases


@dataclass(frozen=True)
class Cue:
    """Phrases that point to a value, by language; `not_` are phrases that look so and are not.

    A phrase is matched on folded text at word boundaries; a final `*` lets any ending follow.
    """

    value: str
    phrases: Phrases
    not_: Phrases = field(default_factory=dict)
    #: Sentences as people write them, for stages that compare vectors.
    examples: Phrases = field(default_factory=dict)
    #: Urgencies only: what is dangerous together ("псы" and "вцепил*").
    pairs: tuple[Pair, ...] = ()
    #: Groups only: the family of values it belongs to ("age", "occupation", "status").
    family: str = ""


@dataclass(frozen=True)
class Recogniser:
    """One type of personal data that the masks stage looks for, and the label that stands for it."""

    type: str
    label: Text
    #: Patterns (RE2) of what is found as well, with its letters as they stand in the text.
    patterns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Source:
    """Where a data file of the pack comes from. `file` is relative to the pack's folder."""

    file: str
    title: Text
    licence: str
    url: str
    #: Columns of the file that this source stands behind ("population").
    covers: tuple[str, ...] = ()
    #: The year of the data, as the source says it; "" for unknown.
    as_of: str = ""


@dataclass(frozen=True)
class Pack:
    """A loaded pack. Mappings keep the order of the files."""

    code: str
    version: str
    title: Text
    languages: tuple[str, ...]
    timezone: str
    path: Path
    topics: Mapping[str, Topic]
    bodies: Mapping[str, Body]
    territories: Mapping[str, Territory]
    kinds: tuple[Cue, ...]
    urgencies: tuple[Cue, ...]
    groups: tuple[Cue, ...]
    recognisers: tuple[Recogniser, ...]
    #: Words that turn the cue after them into its opposite ("не", "no"), by language.
    negations: Phrases
    #: Male and female first names, surname endings and the like for masking, by list name.
    name_lists: Mapping[str, frozenset[str]]
    #: Codes of the packs that this one extends, the nearest first.
    extends: tuple[str, ...] = ()
    #: GeoJSON with a `code` property per feature, or None.
    shapes: Path | None = None
    #: Codes of territories that have no shape and are known to have none.
    shapes_missing: tuple[str, ...] = ()
    #: The telephone number to call when somebody is in danger ("112"); "" for unknown.
    emergency: str = ""
    licence: str = ""
    sources: tuple[Source, ...] = ()
    #: The pack's own facts; those the program finds by itself are in `veche.packs.rules.conditions`.
    facts: Mapping[str, Fact] = field(default_factory=dict)
    calendar: CalendarRules | None = None
    clocks: Mapping[str, Clock] = field(default_factory=dict)
    protocols: Mapping[str, Protocol] = field(default_factory=dict)
    measures: Mapping[str, Measure] = field(default_factory=dict)
