"""Files of appeals by API: brought, looked through, confirmed, followed, cancelled."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema, Status
from ninja.params.functions import Body, Path, Query
from pydantic import ConfigDict, Field

from veche.core.errors import FieldsRefused, NoSuchFile
from veche.intake.headers import FIELDS
from veche.service.accounts.acting import working
from veche.service.accounts.models import Tenant
from veche.service.api.appeals import bearer_of
from veche.service.inbox import imports as files
from veche.service.inbox import tasks
from veche.service.inbox.limits import spend
from veche.service.inbox.models import Channel, FileImport, ImportReject
from veche.service.inbox.tokens import Bearer

router = Router(tags=["Files"])

#: Rows that were not taken, of those that are shown in one answer.
SHOWN = 100
_PIECE = 1 << 20

Format = Literal["csv", "tsv", "xlsx", "json", "jsonl", "parquet", "mbox", "eml", "zip", "gz"]
#: One of the fields that the readers know.
FieldName = Literal[FIELDS]  # pyright: ignore[reportInvalidTypeForm]
Key = Annotated[UUID, Path(description="The id of the file.")]


class Found(Schema):
    """From which column a field is read."""

    column: str = Field(description="The column, or several (“A+B”).")
    how: Literal["given", "named", "guessed"] = Field(description="By you, by its name, or by its values.")


class SourceOut(Schema):
    """One file, or one file inside an archive."""

    format: str = Field(description="What it is by its content.")
    encoding: str = Field(description="Its encoding.")
    rows: int = Field(description="Its rows.")
    columns: list[str] = Field(description="The names of its columns.")
    mapping: dict[str, Found] = Field(description="The columns by our fields.")
    warnings: dict[str, int] = Field(description="Oddities that cost no row, counted.")


class RejectOut(Schema):
    """A row that is not taken."""

    row: int = Field(description="The number of the row.")
    code: str = Field(description="The code of the error.")
    reason: str = Field(description="Why; it quotes nothing.")


class FileOut(Schema):
    """How far a file has come."""

    id: UUID = Field(description="The id of the file.")
    state: Literal["checking", "checked", "importing", "done", "cancelled", "failed"] = Field(
        description="checking: it is looked through, nothing is taken. checked: it waits to be confirmed. "
        "importing: its rows are being taken. done, cancelled, failed: what was taken stays."
    )
    read: int = Field(description="Rows read.")
    accepted: int = Field(description="Rows that can be, or were, taken.")
    repeated: int = Field(description="Of these, those that had been taken before.")
    rejected: int = Field(description="Rows that are not taken.")
    fraction: float = Field(description="How much of the present step is done, from 0 to 1.")
    failure: str = Field(description="The code of what ended it.")
    sources: list[SourceOut] = Field(description="What was seen of it.")
    rejects: list[RejectOut] = Field(description=f"The first {SHOWN} rows that are not taken.")
    created_at: datetime = Field(description="When it was brought.")
    finished_at: datetime | None = Field(description="When it ended.")


class Called(Schema):
    """What a file is called."""

    model_config = ConfigDict(extra="forbid")

    format: Format = Field(description="What its name would end in.")


class Columns(Schema):
    """Which column feeds which field."""

    model_config = ConfigDict(extra="forbid")

    mapping: dict[FieldName, str] = Field(  # pyright: ignore[reportInvalidTypeForm]
        description="Columns by our fields (text, id, received_at ...), “” for none; others are found.",
        examples=[{"text": "Appeal", "received_at": "Date"}],
    )


@router.post(
    "/imports", operation_id="bring_file", summary="Bring a file of appeals", response={202: FileOut}
)
def bring_file(request: HttpRequest, called: Annotated[Called, Query()]) -> Status[FileOut]:
    """Send the file as the body. It is looked through, and nothing is taken until you confirm."""
    unknown = request.GET.keys() - {"format"}
    if unknown:
        raise FieldsRefused(refused=len(unknown))
    bearer = bearer_of(request)
    spend(bearer.token_id, 1)
    with working(bearer.tenant_id):
        tenant = Tenant.objects.get(pk=bearer.tenant_id)
        channel = Channel.objects.get(pk=bearer.channel_id)
        brought = files.receive(tenant, channel, None, _pieces(request), suffix=f".{called.format}")
        tasks.defer(tasks.look_through, brought)
        return Status(202, _shown(brought))


@router.get("/imports/{key}", operation_id="see_file", summary="See how far a file is", response=FileOut)
def see_file(request: HttpRequest, key: Key) -> FileOut:
    """Return what was seen of the file, and how much of it was taken."""
    bearer = bearer_of(request)
    spend(bearer.token_id, 1)
    with working(bearer.tenant_id):
        return _shown(_find(bearer, key))


@router.post(
    "/imports/{key}/columns", operation_id="map_columns", summary="Set the columns", response=FileOut
)
def set_columns(
    request: HttpRequest, key: Key, columns: Annotated[Columns, Body(description="The columns.")]
) -> FileOut:
    """Set which columns feed which fields; the file is looked through anew."""
    bearer = bearer_of(request)
    spend(bearer.token_id, 1)
    with working(bearer.tenant_id):
        brought = _find(bearer, key)
        if files.remap(brought, {**columns.mapping}):
            tasks.defer(tasks.look_through, brought)
        return _shown(_find(bearer, key))


@router.post("/imports/{key}/confirm", operation_id="confirm_file", summary="Take the rows", response=FileOut)
def confirm_file(request: HttpRequest, key: Key) -> FileOut:
    """Let the rows be taken. To confirm again changes nothing."""
    bearer = bearer_of(request)
    spend(bearer.token_id, 1)
    with working(bearer.tenant_id):
        brought = _find(bearer, key)
        if files.confirm(brought, actor=bearer.actor):
            tasks.defer(tasks.bring_in, brought)
        return _shown(_find(bearer, key))


@router.delete("/imports/{key}", operation_id="cancel_file", summary="Cancel a file", response=FileOut)
def cancel_file(request: HttpRequest, key: Key) -> FileOut:
    """End it; what was taken stays."""
    bearer = bearer_of(request)
    spend(bearer.token_id, 1)
    with working(bearer.tenant_id):
        files.cancel(_find(bearer, key))
        return _shown(_find(bearer, key))


def _pieces(request: HttpRequest) -> Iterator[bytes]:
    while piece := request.read(_PIECE):
        yield piece


def _find(bearer: Bearer, key: UUID) -> FileImport:
    found = FileImport.objects.filter(pk=key, channel_id=bearer.channel_id).first()
    if found is None:
        raise NoSuchFile
    return found


def _shown(brought: FileImport) -> FileOut:
    names = ("state", "read", "accepted", "repeated", "rejected", "fraction", "failure")
    rejects = ImportReject.objects.filter(file_import=brought).order_by("row")[:SHOWN]
    return FileOut(
        id=brought.pk,
        **{name: getattr(brought, name) for name in names},
        sources=brought.seen.get("sources", []),
        rejects=[RejectOut(row=r.row, code=r.code, reason=r.reason) for r in rejects],
        created_at=brought.created_at,
        finished_at=brought.finished_at,
    )
