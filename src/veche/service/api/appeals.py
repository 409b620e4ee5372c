"""Appeals by API: handed in, looked at, withdrawn."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from ninja import Router
from ninja import Status as Answer
from ninja.params.functions import Path

from veche.core.errors import KeyMalformed, NoSuchAppeal, RowsRefused, UnknownAnswered, VecheError
from veche.service.accounts.acting import working
from veche.service.api import bodies
from veche.service.api.schemas import AppealOut, File, Status, TakenList, TakenOut
from veche.service.api.secret import tracking_secret
from veche.service.inbox import numbers
from veche.service.inbox.attachments import clean
from veche.service.inbox.committer import Acknowledged, submit, submit_alone
from veche.service.inbox.idempotency import MAX_KEY, Key, status_of
from veche.service.inbox.incoming import Incoming, check
from veche.service.inbox.limits import check_lag, spend
from veche.service.inbox.models import Appeal, AppealText, Attachment
from veche.service.inbox.take import Arriving, arriving
from veche.service.inbox.tokens import Bearer
from veche.service.inbox.withdraw import withdraw
from veche.service.ledger.append import append
from veche.service.vault.keys import identity_hash

router = Router(tags=["Appeals"])

#: What a request that brings no appeal draws from the allowance of its token.
_QUESTION = 1
_QUOTED = re.compile(r'"((?:[ !#-\[\]-~]|\\["\\])+)"')
_PLAIN = re.compile(r"[!#-\[\]-~]+")

Number = Annotated[str, Path(description="The number of the appeal.")]


@router.post(
    "/appeals",
    operation_id="hand_in",
    summary="Hand in appeals",
    response={201: TakenList, 200: TakenList},
)
def hand_in(request: HttpRequest, response: HttpResponse) -> Answer[TakenList]:
    """Hand in one appeal, or a list of up to 1,000. All are taken or none.

    The answer comes when they are durable. The same request can be repeated at any time: an appeal with an
    `id`, or in a request with an `Idempotency-Key`, is taken once, whatever is repeated.
    """
    bearer = bearer_of(request)
    key = _key(request)
    body = bodies.read(request)
    spend(bearer.token_id, len(body.appeals))
    check_lag()
    same_request = f"{key}/{body.fingerprint}" if key else ""
    batch = bodies.incoming(body, name=same_request, files=clean(body.files))
    done = _taken(bearer, batch, key=named(bearer, key, body), token=_token(request), prefix=body.prefix)
    if not body.listed:
        response["Location"] = reverse("api:see", args=[numbers.shown(done.taken[0].number)])
    return Answer(status_of(done.taken), _answer(done, _token(request)))


@router.get("/appeals/{number}", operation_id="see", summary="See an appeal", response=AppealOut)
def see(request: HttpRequest, number: Number) -> AppealOut:
    """Return an appeal of the token's channel with what was understood of it."""
    with _asked(bearer_of(request)):
        appeal = _find(bearer_of(request), number)
        if appeal:
            return _shown(appeal)
    raise NoSuchAppeal


@router.get(
    "/appeals/{number}/status",
    operation_id="follow",
    summary="See how far an appeal has come",
    response=Status,
)
def follow(request: HttpRequest, number: Number) -> Status:
    """Return how far an appeal of the token's channel has come."""
    with _asked(bearer_of(request)):
        appeal = _find(bearer_of(request), number)
        if appeal:
            return Status(**_status(appeal))
    raise NoSuchAppeal


@router.delete("/appeals/{number}", operation_id="withdraw", summary="Withdraw an appeal", response=Status)
def take_back(request: HttpRequest, number: Number) -> Status:
    """Withdraw an appeal of the token's channel: it is no longer counted nor worked on, but it is not erased.

    To withdraw it again changes nothing and is answered alike.
    """
    bearer = bearer_of(request)
    with _asked(bearer):
        appeal = _find(bearer, number)
        if appeal:
            return Status(**_status(withdraw(appeal.pk, actor=bearer.actor)))
    raise NoSuchAppeal


def arriving_by(bearer: Bearer, batch: Sequence[Incoming], *, token: str, now: datetime) -> list[Arriving]:
    """Return appeals as they are taken for a token; their tracking secrets follow from it."""
    return arriving(
        bearer.tenant_id,
        bearer.channel_id,
        batch,
        actor=bearer.actor,
        now=now,
        secret_of=lambda appeal_id: tracking_secret(token, appeal_id),
    )


def named(bearer: Bearer, key: str, body: bodies.Read) -> Key | None:
    """Return the key of a request with what tells its body from another; None where it has none."""
    if not key:
        return None
    request_hash = identity_hash(bearer.tenant_id, f"request\x00{body.fingerprint}")
    return Key(bearer.tenant_id, bearer.token_id, key, request_hash)


def _taken(
    bearer: Bearer, batch: list[Incoming], *, key: Key | None, token: str, prefix: str
) -> Acknowledged:
    now = datetime.now(UTC)
    refused = check(batch, now=now) | _unknown_answers(bearer, batch)
    if refused:
        raise RowsRefused(refused=len(refused), handed=len(batch), rows=refused, prefix=prefix)
    rows = arriving_by(bearer, batch, token=token, now=now)
    send = submit_alone if any(incoming.attachments for incoming in batch) else submit
    try:
        return send(rows, key=key)
    except RowsRefused as error:
        raise RowsRefused(**error.facts, prefix=prefix) from None


def _unknown_answers(bearer: Bearer, batch: list[Incoming]) -> dict[int, VecheError]:
    """The channel is an authority's own, so it vouches that the author is the same; not that there is one."""
    asked = {i: incoming.answers for i, incoming in enumerate(batch) if incoming.answers is not None}
    if not asked:
        return {}
    with working(bearer.tenant_id):
        known = set(Appeal.objects.filter(number__in=asked.values()).values_list("number", flat=True))
    return {i: UnknownAnswered() for i, number in asked.items() if number not in known}


def _answer(done: Acknowledged, token: str) -> TakenList:
    """What is new, or was new when the same request came first, comes with its secret."""
    return TakenList(
        appeals=[
            TakenOut(
                number=numbers.shown(t.number),
                appeal_id=t.appeal_id,
                new=t.new,
                secret=tracking_secret(token, t.appeal_id) if t.new else None,
            )
            for t in done.taken
        ]
    )


@contextmanager
def _asked(bearer: Bearer) -> Iterator[None]:
    """Answer a question inside the tenant of the token."""
    spend(bearer.token_id, _QUESTION)
    with working(bearer.tenant_id):
        yield


def _find(bearer: Bearer, number: str) -> Appeal | None:
    """Whoever asks for an appeal that its channel does not have is noted, and learns no more than that."""
    known = numbers.read(number)
    appeal = Appeal.objects.filter(
        tenant_id=bearer.tenant_id, channel_id=bearer.channel_id, number=known
    ).first()
    if appeal is None:
        append(
            bearer.tenant_id, "access.refused", actor=bearer.actor, object=f"appeal:{numbers.shown(known)}"
        )
    return appeal


def _status(appeal: Appeal) -> dict[str, Any]:
    names = ("state", "received_at", "taken_at", "understood_at", "aside_reason")
    return {"number": numbers.shown(appeal.number), **{name: getattr(appeal, name) for name in names}}


def _shown(appeal: Appeal) -> AppealOut:
    names = ("thread_id", "language", "kind", "topic", "topic_confidence", "body", "territory", "urgency")
    files = Attachment.objects.filter(appeal=appeal).order_by("id")
    return AppealOut(
        **_status(appeal),
        **{name: getattr(appeal, name) for name in names},
        appeal_id=appeal.pk,
        text=AppealText.objects.filter(pk=appeal.pk).values_list("text", flat=True).first(),
        files=[File(id=f.pk, media_type=f.media_type, size=f.size) for f in files],
    )


def bearer_of(request: HttpRequest) -> Bearer:
    """Return whose token came with a request."""
    return request.auth  # pyright: ignore[reportAttributeAccessIssue] - set by ninja


def _token(request: HttpRequest) -> str:
    return request.headers["Authorization"].partition(" ")[2]


def _key(request: HttpRequest) -> str:
    """The header is a string of RFC 8941, in quotation marks; one without them is taken as it is."""
    given = request.headers.get("Idempotency-Key")
    if given is None:
        return ""
    quoted = _QUOTED.fullmatch(given)
    key = quoted[1].replace('\\"', '"').replace("\\\\", "\\") if quoted else given
    if len(key) > MAX_KEY or not (quoted or _PLAIN.fullmatch(given)):
        raise KeyMalformed(limit=MAX_KEY)
    return key
