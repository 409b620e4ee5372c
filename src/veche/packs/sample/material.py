"""The phrase material of a pack's `sample` folder, read and made ready for drawing.

A phrase is cut at its slots once, so that saying it is only joining strings. Nothing is drawn here.
"""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from string import Formatter
from typing import Any

from veche.core.errors import PackError
from veche.core.i18n import _
from veche.packs.model import Pack

#: Literal, slot, literal, slot ... literal.
Phrase = tuple[str, ...]
Phrases = tuple[Phrase, ...]

#: The folder inside a pack that holds the material.
FOLDER = "sample"


@dataclass(frozen=True)
class Voice:
    """A manner of writing: how often each part of an appeal is there, and the parts of its own.

    `typos` is the share of sentences with a slip, `dialect` of appeals in dialect, `wordy` the chance of each
    further sentence.
    """

    code: str
    manner: str
    typos: float
    dialect: float
    wordy: float
    parts: Mapping[str, float]
    openings: Phrases
    closings: Phrases
    #: Codes of what such an author says of themselves; empty for anything but a child.
    selves: tuple[str, ...] = ()


@dataclass(frozen=True)
class Channel:
    """A channel, with the voices heard there and their cumulated shares."""

    code: str
    voices: tuple[str, ...]
    cumulated: tuple[float, ...]


@dataclass(frozen=True)
class Situation:
    """What happened: ways of saying it that belong to one topic."""

    topic: str
    phrases: Phrases


@dataclass(frozen=True)
class Special:
    """One phrase that is not an ordinary complaint; `topic` is None where it has none."""

    topic: str | None
    phrase: Phrase
    language: str = ""


@dataclass(frozen=True)
class Self:
    """What an author says of themselves, and the groups that makes."""

    code: str
    share: float
    groups: tuple[str, ...]
    ages: tuple[int, int]
    occupation: str | None
    phrases: Phrases


@dataclass(frozen=True)
class Campaign:
    """A text that many people send between two days, with small edits."""

    code: str
    topic: str
    kind: str
    day: float
    days: float
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class Theme:
    """A matter that begins on a day and that no topic is made for."""

    code: str
    day: float
    topic: str
    phrases: Phrases


@dataclass(frozen=True)
class Material:
    """All that a sample is drawn from."""

    language: str
    slots: Mapping[str, Phrases]
    people: Mapping[str, Any]
    neighbours: Mapping[str, str]
    confused: Mapping[str, str]
    dialect: Mapping[str, str]
    channels: tuple[Channel, ...]
    channel_shares: tuple[float, ...]
    voices: Mapping[str, Voice]
    place: Mapping[str, Any]
    demands: Mapping[str, Phrases]
    kinds: Mapping[str, float]
    selves: tuple[Self, ...]
    occupations: Mapping[str, Any]
    signatures: Mapping[str, Phrases]
    shares: Mapping[str, float]
    consequences: Mapping[str, Phrases]
    asides: Phrases
    aside_share: float
    situations: tuple[Situation, ...]
    specials: Mapping[str, tuple[Special, ...]]
    foreign: tuple[Special, ...]
    mixed: Phrases
    campaigns: tuple[Campaign, ...]
    campaign_edits: Mapping[str, Phrases]
    repeats: Mapping[str, Phrases]
    themes: tuple[Theme, ...]


def has_material(pack: Path) -> bool:
    """Return whether the pack in this folder has material for sample appeals."""
    return any((pack / FOLDER).glob("*.toml"))


def topics_unsaid(pack: Pack) -> list[str]:
    """Return the codes of the topics that appeals should be about and that the material has no phrase for.

    Raises:
        PackError: it has no material, or a broken one.
    """
    said = {situation.topic for situation in read_material(pack.path).situations if situation.phrases}
    above = {topic.parent for topic in pack.topics.values()}
    return [code for code in pack.topics if code not in above and code not in said]


def read_material(pack: Path) -> Material:
    """Read the material of the pack in the folder `pack`.

    Raises:
        PackError: it has none, or a file of it is not TOML or lacks a part.
    """
    if not has_material(pack):
        raise PackError(pack=pack.name, problem=_("it has no material for sample appeals."))
    data: dict[str, Any] = {}
    for file in sorted((pack / FOLDER).glob("*.toml")):
        try:
            data = _merged(data, tomllib.loads(file.read_text("utf-8")))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            problem = _("{file} is not valid TOML: {reason}.").format(
                file=f"{FOLDER}/{file.name}", reason=_(str(error).split(" (at")[0])
            )
            raise PackError(pack=pack.name, problem=problem) from error
    try:
        return _material(data)
    except (KeyError, TypeError) as error:
        problem = _("its sample material lacks {part}.").format(part=error)
        raise PackError(pack=pack.name, problem=problem) from error


def _merged(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Return both tables in one: tables within are merged too, lists follow each other."""
    whole = dict(one)
    for key, value in other.items():
        if isinstance(value, dict) and isinstance(whole.get(key), dict):
            whole[key] = _merged(whole[key], value)
        elif isinstance(value, list) and isinstance(whole.get(key), list):
            whole[key] = [*whole[key], *value]
        else:
            whole[key] = value
    return whole


def phrase(text: str) -> Phrase:
    """Cut a text at its slots: "a {b} c" becomes ("a ", "b", " c")."""
    parts: list[str] = []
    for literal, slot, _spec, _conversion in Formatter().parse(text):
        parts.append(literal)
        if slot is not None:
            parts.append(slot)
    return tuple(parts if len(parts) % 2 else [*parts, ""])


def _phrases(texts: Iterable[str]) -> Phrases:
    return tuple(phrase(text) for text in texts)


def _lists(table: Mapping[str, Iterable[str]]) -> dict[str, Phrases]:
    return {key: _phrases(texts) for key, texts in table.items()}


def _consequences(table: Mapping[str, Iterable[str]]) -> dict[str, Phrases]:
    """Return, per section, its own and those that fit all; under "all" the latter alone."""
    lists = _lists(table)
    return {section: own if section == "all" else own + lists["all"] for section, own in lists.items()}


def _material(data: Mapping[str, Any]) -> Material:
    return Material(
        language=data["language"],
        slots=_lists(data["slots"]),
        people=data["people"],
        neighbours=_neighbours(data["typing"]["rows"]),
        confused={pair[0]: pair[1] for pair in data["typing"]["confused"]},
        dialect=data["typing"]["dialect"],
        channels=tuple(_channel(entry) for entry in data["channel"]),
        channel_shares=tuple(float(entry["share"]) for entry in data["channel"]),
        voices={entry["code"]: _voice(entry) for entry in data["voice"]},
        place=data["place"] | _lists({k: data["place"][k] for k in ("phrases", "region_phrases")}),
        demands=_lists(data["demands"]),
        kinds=data["kinds"],
        selves=tuple(_self(entry) for entry in data["self"]),
        occupations=data["occupations"],
        signatures=_lists(data["signatures"]),
        shares=data["share"],
        consequences=_consequences(data["consequences"]),
        asides=_phrases(text for entry in data["aside"] for text in entry["texts"]),
        aside_share=sum(float(entry["share"]) for entry in data["aside"]),
        situations=tuple(Situation(topic, _phrases(texts)) for topic, texts in data["situations"].items()),
        specials={role: tuple(_specials(by_topic)) for role, by_topic in data["special"].items()},
        foreign=tuple(one for tag, by_topic in data["foreign"].items() for one in _specials(by_topic, tag)),
        mixed=_phrases(data["mixed"]["texts"]),
        campaigns=tuple(_campaign(entry) for entry in data["campaign"]),
        campaign_edits=_lists(data["campaign_edits"]),
        repeats=_lists(data["repeats"]),
        themes=tuple(
            Theme(t["code"], float(t["day"]), t["topic"], _phrases(t["texts"])) for t in data["theme"]
        ),
    )


def _channel(entry: Mapping[str, Any]) -> Channel:
    shares: Sequence[float] = list(entry["voices"].values())
    total = sum(shares)
    return Channel(entry["code"], tuple(entry["voices"]), tuple(part / total for part in accumulate(shares)))


def _voice(entry: Mapping[str, Any]) -> Voice:
    return Voice(
        code=entry["code"],
        manner=entry["manner"],
        typos=float(entry["typos"]),
        dialect=float(entry.get("dialect", 0)),
        wordy=float(entry["wordy"]),
        parts=entry["parts"],
        openings=_phrases(entry["openings"]),
        closings=_phrases(entry["closings"]),
        selves=tuple(entry.get("selves", ())),
    )


def _self(entry: Mapping[str, Any]) -> Self:
    youngest, oldest = entry["ages"]
    return Self(
        code=entry["code"],
        share=float(entry["share"]),
        groups=tuple(entry["groups"]),
        ages=(youngest, oldest),
        occupation=entry.get("occupation"),
        phrases=_phrases(entry["texts"]),
    )


def _specials(by_topic: Mapping[str, Iterable[str]], language: str = "") -> Iterable[Special]:
    """Return each text with its topic; those under "" have none."""
    return (
        Special(topic or None, phrase(text), language) for topic, texts in by_topic.items() for text in texts
    )


def _campaign(entry: Mapping[str, Any]) -> Campaign:
    sentences = entry["text"].replace("! ", "!\n").replace(". ", ".\n").split("\n")
    return Campaign(
        code=entry["code"],
        topic=entry["topic"],
        kind=entry["kind"],
        day=float(entry["day"]),
        days=float(entry["days"]),
        sentences=tuple(sentences),
    )


def _neighbours(rows: Iterable[str]) -> dict[str, str]:
    """Return, per letter, the letters beside it on the keyboard."""
    near: dict[str, str] = {}
    for row in rows:
        for i, letter in enumerate(row):
            near[letter] = row[max(i - 1, 0) : i] + row[i + 1 : i + 2]
    return near
