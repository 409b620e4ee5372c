"""An appeal on its way in, and what makes it one that can be taken. Nothing here touches the database."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import available_timezones

from veche.core.appeal import SEXES
from veche.core.errors import (
    AgeOutOfRange,
    DateOutOfRange,
    EmptyText,
    PositionOutOfRange,
    TextTooLong,
    UnknownSex,
    UnknownZone,
    UnreadableCharacters,
    VecheError,
)
from veche.intake.model import MAX_TEXT_CHARACTERS

#: No appeal is older; what says so has a broken clock.
FIRST_DATE = datetime(1990, 1, 1, tzinfo=UTC)
#: Clocks and zones differ; a date further ahead is wrong.
AHEAD = timedelta(days=1)
OLDEST = 120

_BROKEN = re.compile("[\x00\ud800-\udfff]")
_OFFSET = re.compile(r"[+-]\d{2}:?\d{2}", re.ASCII)
_ZONES = frozenset(available_timezones())


@dataclass(frozen=True, slots=True)
class AttachedFile:
    """A file that came along, already checked and cleaned (see `attachments.clean`)."""

    id: UUID
    #: As the sender called it; shown to those who may see the original, used for nothing else.
    name: str
    media_type: str
    extension: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """One message as a channel brings it; the fields mean what they mean in `core.appeal.APPEAL`.

    Two messages of one channel are the same appeal when they have the same `foreign_id`. Without one, they
    are the same when they have the same `identity`: whatever the channel knows to be the same when a message
    is repeated, such as a form's own nonce or a file's digest and row. Without either, what was written, by
    whom and when decides (see `take`).

    A message joins the thread that `thread` names (the channel's own id of the conversation, or the foreign
    id of an earlier message), or the thread of the appeal whose number is `answers`. A contact alone joins
    nothing: people write about the road in May and the pension in June. Whoever sets `answers` has checked
    that the author may: by the secret of the tracking link, or because the channel is an authority's own.
    """

    text: str = field(repr=False)
    #: With a zone; None for the moment of taking.
    received_at: datetime | None = None
    received_zone: str = ""
    foreign_id: str | None = None
    identity: str | None = None
    #: E-mail addresses, telephone numbers ..., the first of which tells who the person is.
    contacts: Sequence[str] = field(default=(), repr=False)
    author: str | None = field(default=None, repr=False)
    address: str | None = field(default=None, repr=False)
    lat: float | None = None
    lon: float | None = None
    age: int | None = None
    sex: str | None = None
    occupation: str | None = None
    declared_language: str | None = None
    declared_territory: str | None = None
    thread: str | None = None
    answers: int | None = None
    attachments: Sequence[AttachedFile] = ()
    kept: Mapping[str, str] = field(default_factory=dict, repr=False)


def check(batch: Sequence[Incoming], *, now: datetime) -> dict[int, VecheError]:
    """Return what stands against taking each of those that cannot be taken, by position."""
    found = ((i, _against(incoming, now)) for i, incoming in enumerate(batch))
    return {i: error for i, error in found if error is not None}


def foreign_identity(foreign_id: str) -> str:
    """Return what stands for a foreign id before it is hashed."""
    return f"id\x00{foreign_id}"


def _against(incoming: Incoming, now: datetime) -> VecheError | None:
    if not any(c.isprintable() and not c.isspace() for c in incoming.text):
        return EmptyText()
    if len(incoming.text) > MAX_TEXT_CHARACTERS:
        return TextTooLong(limit=MAX_TEXT_CHARACTERS)
    broken = _broken_field(incoming)
    if broken is not None:
        return UnreadableCharacters(field=broken)
    at = incoming.received_at
    if at is not None and not FIRST_DATE <= at <= now + AHEAD:
        return DateOutOfRange(first=FIRST_DATE.year)
    if not _is_zone(incoming.received_zone):
        return UnknownZone()
    if not _is_position(incoming.lat, incoming.lon):
        return PositionOutOfRange()
    if incoming.age is not None and not 0 <= incoming.age <= OLDEST:
        return AgeOutOfRange()
    if incoming.sex is not None and incoming.sex not in SEXES:
        return UnknownSex(known=", ".join(SEXES))
    return None


def _broken_field(incoming: Incoming) -> str | None:
    fields: dict[str, Sequence[str | None]] = {
        "text": [incoming.text],
        "foreign_id": [incoming.foreign_id, incoming.identity],
        "contacts": incoming.contacts,
        "author": [incoming.author],
        "address": [incoming.address],
        "occupation": [incoming.occupation],
        "declared_language": [incoming.declared_language],
        "declared_territory": [incoming.declared_territory],
        "thread": [incoming.thread],
        "kept": [*incoming.kept, *incoming.kept.values()],
        "attachments": [file.name for file in incoming.attachments],
    }
    for name, values in fields.items():
        if any(value and _BROKEN.search(value) for value in values):
            return name
    return None


def _is_zone(name: str) -> bool:
    return not name or name in _ZONES or bool(_OFFSET.fullmatch(name))


def _is_position(lat: float | None, lon: float | None) -> bool:
    if lat is None or lon is None:
        return lat is lon
    return -90 <= lat <= 90 and -180 <= lon <= 180
