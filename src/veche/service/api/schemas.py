"""What goes over the wire. Unknown fields are refused: a mistyped name would lose what stands in it."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from ninja import Schema
from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from veche.intake.model import MAX_TEXT_CHARACTERS
from veche.service.inbox.incoming import OLDEST

Short = Annotated[str, Field(min_length=1, max_length=300)]
Name = Annotated[str, Field(min_length=1, max_length=255)]
NUMBER = r"^[0-9]{1,12}-[0-9]$"

EXAMPLE_IN = {
    "id": "crm-20517",
    "text": "There has been no hot water in our house for five days. When will it be back?",
    "received_at": "2026-11-22T09:30:00+03:00",
    "contacts": ["author@mail.example"],
    "address": "12 Lesnaya Street",
    "language": "en",
}
NUMBER_EXAMPLE = "1234567-4"
_ID_EXAMPLE = "019aab5e-4c00-7d3c-9a51-3f0c5b6f2a10"


def _whole(value: object) -> object:
    """In JSON, 5.0 is a whole number too (JSON Schema 2020-12, 4.2.3)."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


class AppealIn(BaseModel):
    """One message from one person."""

    model_config = ConfigDict(
        extra="forbid", strict=True, allow_inf_nan=False, json_schema_extra={"examples": [EXAMPLE_IN]}
    )

    text: Annotated[
        str,
        Field(
            min_length=1,
            max_length=MAX_TEXT_CHARACTERS,
            description="What the person wrote or said, as it is.",
        ),
    ]
    id: Name | None = Field(
        None,
        description="Your own id of the message. The same id is the same appeal for ever: sent again with "
        "the same text it is answered with the number it has, with another text it is refused.",
    )
    received_at: AwareDatetime | None = Field(
        None, description="When you received it, with its offset from UTC; now if left out."
    )
    received_zone: Annotated[str, Field(max_length=60)] | None = Field(
        None, description="The time zone it came in (Europe/Moscow, or +03:00); the offset above if left out."
    )
    contacts: Annotated[list[Short], Field(max_length=10)] = Field(
        [], description="E-mail addresses or telephone numbers; the first one tells who the person is."
    )
    author: Short | None = Field(None, description="The name of the person.")
    address: Annotated[str, Field(min_length=1, max_length=1000)] | None = Field(
        None, description="The place of the matter, or else of the person."
    )
    lat: Annotated[float, Field(ge=-90, le=90)] | None = Field(
        None, description="Latitude in degrees (WGS 84)."
    )
    lon: Annotated[float, Field(ge=-180, le=180)] | None = Field(
        None, description="Longitude in degrees (WGS 84)."
    )
    age: Annotated[int, Field(ge=0, le=OLDEST), BeforeValidator(_whole)] | None = Field(
        None, description="Age in years."
    )
    sex: Literal["female", "male"] | None = Field(None, description="Sex, where it was stated.")
    occupation: Short | None = Field(None, description="Occupation, where it was stated.")
    language: Annotated[str, Field(min_length=1, max_length=35)] | None = Field(
        None, description="The language that was declared (BCP 47)."
    )
    territory: Short | None = Field(None, description="The territory that was declared.")
    thread: Name | None = Field(
        None,
        description="Your id of the conversation, or the id of an earlier message: it joins that thread.",
    )
    answers: Annotated[str, Field(pattern=NUMBER)] | None = Field(
        None, description="The number of the earlier appeal of the same author that this one follows."
    )
    extra: dict[Name, Annotated[str, Field(max_length=2000)]] = Field(
        {}, max_length=50, description="What else you know of it; kept with the sealed original."
    )


class TakenOut(Schema):
    """What became of one message."""

    number: str = Field(
        description="The number of the appeal, with a check digit.",
        pattern=NUMBER,
        examples=[NUMBER_EXAMPLE],
    )
    appeal_id: UUID = Field(description="The id of the appeal.", examples=[_ID_EXAMPLE])
    new: bool = Field(description="Whether it was taken now; false if it had been taken before.")
    secret: str | None = Field(
        description="Opens the tracking page of the appeal; null if it had been taken by an earlier request.",
        examples=["q3Jm0Yx1fS4k8v2aT6hBzg"],
    )


class TakenList(Schema):
    """What became of the messages, in their order."""

    appeals: list[TakenOut]


class Status(Schema):
    """How far an appeal has come."""

    number: str = Field(description="The number of the appeal.", pattern=NUMBER, examples=[NUMBER_EXAMPLE])
    state: Literal["received", "understood", "aside", "withdrawn", "erased"] = Field(
        description="received: durable, waits to be understood. understood: its findings are there. "
        "aside: it could not be understood by itself, a person looks at it. withdrawn: by its sender. "
        "erased: what named the person is gone."
    )
    received_at: datetime = Field(description="When it was received.")
    taken_at: datetime = Field(description="When it became durable here.")
    understood_at: datetime | None = Field(None, description="When its findings were there.")
    aside_reason: str = Field("", description="The code of the reason why it was set aside.")


class File(Schema):
    """A file that came with an appeal."""

    id: UUID = Field(description="The id of the file.")
    media_type: str = Field(description="What it is by its content.", examples=["image/jpeg"])
    size: int = Field(description="Bytes, as it is kept.")


class AppealOut(Status):
    """An appeal with what was understood of it. Topics, bodies and territories are codes of the pack."""

    appeal_id: UUID = Field(description="The id of the appeal.", examples=[_ID_EXAMPLE])
    thread_id: UUID = Field(description="The same for all messages of one thread.")
    text: str | None = Field(
        None, description="The text with what names people masked; null until understood."
    )
    language: str = Field("", description="The language it is written in (BCP 47).")
    kind: str = Field("", description="Complaint, request, proposal ...")
    topic: str = Field("", description="Code of the topic.")
    topic_confidence: float | None = Field(None, description="Probability that the topic is right.")
    body: str = Field("", description="Code of the body responsible.")
    territory: str = Field("", description="Path of codes from the country down.")
    urgency: str = Field("", description="How urgent it is.")
    files: list[File] = Field([], description="The files that came with it.")


class PlaceOfProblem(Schema):
    """One place in the request that does not fit."""

    pointer: str = Field(description="Where in the body (JSON Pointer).", examples=["/17/received_at"])
    code: str = Field(description="The code of the error.", examples=["VECHE-V203"])
    detail: str = Field(description="What is wrong there. It quotes nothing that was sent.")


class Problem(Schema):
    """A problem document (RFC 9457)."""

    type: str = Field(description="Always about:blank; `code` says what happened.", examples=["about:blank"])
    title: str = Field(description="The phrase of the HTTP status.", examples=["Unprocessable Entity"])
    status: int = Field(description="The HTTP status.", examples=[422])
    code: str = Field(
        description="The code of the error; it never changes its meaning.", examples=["VECHE-V217"]
    )
    detail: str = Field(description="What happened, in the language of Accept-Language (English or Russian).")
    hint: str = Field(description="What to do.")
    retry: bool = Field(description="Whether the same request can go through later; then see Retry-After.")
    errors: list[PlaceOfProblem] = Field([], description="The places that it concerns.")
