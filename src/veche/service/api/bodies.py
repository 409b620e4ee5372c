"""Reads what comes with a request: how long and of what kind it is first, then the appeals and the files."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import orjson
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParserError
from pydantic import TypeAdapter, ValidationError

from veche.core.errors import (
    BodyTooLarge,
    LengthMissing,
    MalformedBody,
    NumberMistyped,
    RowsRefused,
    WrongContentType,
    WrongCount,
    WrongParts,
)
from veche.service.api.schemas import AppealIn
from veche.service.inbox import numbers
from veche.service.inbox.incoming import AttachedFile, Incoming
from veche.service.inbox.limits import MAX_BATCH, MAX_BODY

#: Parts of a multipart request: the appeal as JSON, and the files.
APPEAL_PART, FILES_PART = "appeal", "files"
_WHITE = b" \t\n\r"

Parsed = TypeVar("Parsed")

_ONE: TypeAdapter[AppealIn] = TypeAdapter(AppealIn)
_MANY: TypeAdapter[list[AppealIn]] = TypeAdapter(list[AppealIn])


@dataclass(frozen=True, slots=True)
class Read:
    """The body of a request, checked against the schema."""

    appeals: Sequence[AppealIn]
    #: Whether they came as a list; decides how a place in the body is written.
    listed: bool
    #: Names and contents.
    files: Sequence[tuple[str, bytes]] = ()

    @property
    def fingerprint(self) -> str:
        """What tells this body from another, whatever its spaces and boundaries (SHA-256)."""
        digest = hashlib.sha256()
        for appeal in self.appeals:
            digest.update(appeal.model_dump_json(exclude_unset=True).encode() + b"\n")
        for name, content in self.files:
            digest.update(orjson.dumps(name) + hashlib.sha256(content).digest())
        return digest.hexdigest()

    @property
    def prefix(self) -> str:
        """The JSON Pointer of an appeal, with {} for its place."""
        return "/{}" if self.listed else ""


def read(request: HttpRequest) -> Read:
    """Return what a request hands in.

    Raises:
        LengthMissing, BodyTooLarge: before anything is read.
        WrongContentType, MalformedBody, WrongParts, WrongCount: it is not what it should be.
        ValidationError: fields that do not fit.
    """
    _check_length(request)
    if request.content_type == "application/json":
        return parsed(_body(request))
    if request.content_type == "multipart/form-data":
        return _multipart(request)
    raise WrongContentType


def incoming(read: Read, *, name: str, files: Sequence[AttachedFile]) -> list[Incoming]:
    """Return the appeals as they are taken, with the cleaned files.

    `name` makes those without an id of their own the same whenever the same request is repeated; "" for a
    request that has no key.

    Raises:
        RowsRefused: what is answered cannot be the number of an appeal.
    """
    mistyped = {i: e for i, appeal in enumerate(read.appeals) if (e := _mistyped(appeal.answers))}
    if mistyped:
        raise RowsRefused(refused=len(mistyped), handed=len(read.appeals), rows=mistyped, prefix=read.prefix)
    return [
        _incoming(appeal, f"{name}/{i}" if name else None, files) for i, appeal in enumerate(read.appeals)
    ]


def _check_length(request: HttpRequest) -> None:
    stated = request.META.get("CONTENT_LENGTH", "")
    if not stated.isdecimal():
        raise LengthMissing
    if int(stated) > MAX_BODY:
        raise BodyTooLarge(limit=MAX_BODY)


def _body(request: HttpRequest) -> bytes:
    try:
        return request.body
    except OSError:
        raise MalformedBody(format="JSON") from None


def parsed(body: bytes) -> Read:
    """Return what a body of JSON hands in; errors are those of `read`."""
    listed = body.lstrip(_WHITE)[:1] == b"["
    appeals = _parsed(_MANY, body) if listed else [_parsed(_ONE, body)]
    if not 0 < len(appeals) <= MAX_BATCH:
        raise WrongCount(limit=MAX_BATCH)
    return Read(appeals, listed)


def _multipart(request: HttpRequest) -> Read:
    try:
        fields, files = request.POST, request.FILES
        uploaded = files.getlist(FILES_PART)
        contents = [(file.name or "", file.read()) for file in uploaded]
        appeals = [value.encode() for value in fields.getlist(APPEAL_PART)]
        appeals += [file.read() for file in files.getlist(APPEAL_PART)]
    except (MultiPartParserError, SuspiciousOperation, UnicodeEncodeError, OSError):
        raise MalformedBody(format="multipart/form-data") from None
    others = {*fields, *files} - {APPEAL_PART, FILES_PART}
    if FILES_PART in fields or others or len(appeals) != 1:
        raise WrongParts(appeal=APPEAL_PART, files=FILES_PART)
    return Read([_parsed(_ONE, appeals[0])], False, contents)


def _parsed(adapter: TypeAdapter[Parsed], body: bytes) -> Parsed:
    try:
        return adapter.validate_json(body)
    except ValidationError as error:
        if error.errors(include_url=False, include_input=False)[0]["type"] == "json_invalid":
            raise MalformedBody(format="JSON") from None
        raise


def _mistyped(number: str | None) -> NumberMistyped | None:
    try:
        if number:
            numbers.read(number)
    except NumberMistyped as error:
        return error
    return None


def _incoming(appeal: AppealIn, identity: str | None, files: Sequence[AttachedFile]) -> Incoming:
    at = appeal.received_at
    zone = appeal.received_zone or (at.strftime("%z") if at else "")
    return Incoming(
        text=appeal.text,
        received_at=at,
        received_zone=zone,
        foreign_id=appeal.id,
        identity=identity,
        contacts=appeal.contacts,
        author=appeal.author,
        address=appeal.address,
        lat=appeal.lat,
        lon=appeal.lon,
        age=appeal.age,
        sex=appeal.sex,
        occupation=appeal.occupation,
        declared_language=appeal.language,
        declared_territory=appeal.territory,
        thread=appeal.thread,
        answers=numbers.read(appeal.answers) if appeal.answers else None,
        attachments=files,
        kept=appeal.extra,
    )
