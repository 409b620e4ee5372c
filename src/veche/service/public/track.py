"""The tracking page: how far an appeal has come, for whoever has its number and its secret.

A number that does not exist and a secret that does not fit are answered alike, and guesses are slowed.
"""

import re
import time
from dataclasses import dataclass, replace
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from veche.core.errors import FilesTooLarge, NotTracked, NumberMistyped, TooManyFromYou, VecheError
from veche.core.ids import uuid7
from veche.service import reader
from veche.service.accounts.acting import working
from veche.service.accounts.models import Tenant
from veche.service.desk import words
from veche.service.desk.marks import Piece, pieces
from veche.service.inbox import numbers
from veche.service.inbox.incoming import Incoming
from veche.service.inbox.models import Appeal, AppealText, Attachment, State
from veche.service.inbox.withdraw import withdraw
from veche.service.public import light
from veche.service.public.authorities import door_of_id
from veche.service.public.filled import Filled, read
from veche.service.public.forms import FindForm, MessageForm
from veche.service.public.once import new_mark
from veche.service.public.pages import link, public, show, zone_of
from veche.service.public.promises import promises
from veche.service.public.sources import spend
from veche.service.public.taking import ACTOR, take_one
from veche.service.public.uploads import in_memory
from veche.service.sql import row
from veche.service.vault.keys import secret_hash

_LINK = re.compile(r"/track/([^/\s]+)/([^/\s?#]+)")
_TRACKED = "SELECT t.id, t.tenant_id FROM (SELECT) AS one LEFT JOIN veche_tracked(%s, %s) AS t ON true"
_OPEN = (State.RECEIVED, State.UNDERSTOOD, State.ASIDE)


@dataclass(frozen=True)
class Found:
    """An appeal that is followed, whose it is, and what opened it."""

    id: UUID
    tenant: Tenant
    number: str
    secret: str


@dataclass(frozen=True)
class Message:
    """One message of a thread, as its author sees it."""

    appeal: Appeal
    number: str
    topic: str
    body: str
    place: str
    pieces: list[Piece]
    files: int


@public
def find(request: HttpRequest) -> HttpResponse:
    """Ask for number and secret, and lead to the page of the appeal."""
    if request.method != "POST":
        return show(request, "find", {"form": FindForm()})
    form = FindForm(request.POST)
    if not form.is_valid():
        return show(request, "find", {"form": form}, status=422)
    pasted = _LINK.search(form.cleaned_data["number"]) or _LINK.search(form.cleaned_data["secret"])
    number, secret = pasted.groups() if pasted else (form.cleaned_data["number"], form.cleaned_data["secret"])
    try:
        found = _found(request, number, secret)
    except VecheError as error:
        return _refused(request, error, form)
    return redirect(_url(request, "follow", found))


@public
def follow(request: HttpRequest, number: str, secret: str) -> HttpResponse:
    """Show how far an appeal has come, or take a later message of its author."""
    try:
        found = _found(request, number, secret)
    except VecheError as error:
        return _refused(request, error)
    if request.method != "POST":
        return _show(request, found, MessageForm(initial={"mark": new_mark(time.time())}))
    try:
        handler = in_memory(request)
    except FilesTooLarge as error:
        return show(request, "too_large", {"error": error}, tenant=found.tenant, status=413)
    filled = read(request, MessageForm, found.tenant.pk, handler)
    if not _is_open(found):
        return redirect(_url(request, "follow", found))
    if not filled.form.errors:
        try:
            _add(found, filled)
            return redirect(_url(request, "follow", found) + "?added=1")
        except VecheError as error:
            filled.refuse(error)
    filled.hold()
    return _show(request, found, filled.form, filled)


@public
def sent(request: HttpRequest, number: str, secret: str) -> HttpResponse:
    """Tell that an appeal was taken, how to follow it, and what happens next."""
    try:
        found = _found(request, number, secret)
    except VecheError as error:
        return _refused(request, error)
    with working(found.tenant.pk):
        appeal = Appeal.objects.get(pk=found.id)
    url = _url(request, "follow", found)
    context = {
        "found": found,
        "url": url,
        "whole_url": request.build_absolute_uri(url),
        "promises": promises(
            light.pack_of(found.tenant.pack), appeal.received_at, zone=zone_of(found.tenant)
        ),
    }
    return show(request, "sent", context, tenant=found.tenant)


@public
def take_back(request: HttpRequest, number: str, secret: str) -> HttpResponse:
    """Ask whether to withdraw an appeal with all that was added to it, and do so."""
    try:
        found = _found(request, number, secret)
        if request.method == "POST":
            with working(found.tenant.pk):
                for appeal in _thread(found):
                    if appeal.state in _OPEN:
                        withdraw(appeal.pk, actor=ACTOR)
            return redirect(_url(request, "follow", found))
    except VecheError as error:
        return _refused(request, error)
    context = {"found": found, "back_url": _url(request, "follow", found)}
    return show(request, "withdraw", context, tenant=found.tenant)


def _found(request: HttpRequest, number: str, secret: str) -> Found:
    """Return the appeal that number and secret open.

    Raises:
        NotTracked: they open none.
        TooManyFromYou: its source asked or guessed too often.
    """
    spend(request, "track")
    digest = secret_hash(secret.strip())
    try:
        known = numbers.read(number)
    except NumberMistyped:
        known = 0
    id, tenant_id = row(_TRACKED, [known, digest])
    if id is None:
        spend(request, "guess")
        raise NotTracked
    return Found(id, Tenant.objects.get(pk=tenant_id), numbers.shown(known), secret.strip())


def _refused(request: HttpRequest, error: VecheError, form: FindForm | None = None) -> HttpResponse:
    """Show the search again with what is wrong; nothing of a wrong link is repeated."""
    form = form or FindForm({})
    form.errors.clear()
    form.add_error(None, f"{error.text()} {error.advice()}")
    status = 429 if isinstance(error, TooManyFromYou) else 404
    response = show(request, "find", {"form": form}, status=status)
    if isinstance(error, TooManyFromYou):
        response["Retry-After"] = str(error.seconds)
    return response


def _thread(found: Found) -> list[Appeal]:
    """The appeal and what the same person added to it, the first first; within `working`."""
    appeal = Appeal.objects.get(pk=found.id)
    return list(
        Appeal.objects.filter(thread=appeal.thread_id, person=appeal.person_id).order_by("received_at", "pk")
    )


def _is_open(found: Found) -> bool:
    with working(found.tenant.pk):
        return Appeal.objects.filter(pk=found.id, state__in=_OPEN).exists()


def _add(found: Found, filled: Filled) -> None:
    door = door_of_id(found.tenant.pk)
    if door is None:
        raise NotTracked
    incoming = Incoming(
        text=filled.form.cleaned_data["text"],
        identity=filled.mark.identity,
        answers=numbers.read(found.number),
        declared_territory=found.tenant.territory or None,
        attachments=[replace(file, id=uuid7()) for file in filled.files],
    )
    take_one(door, incoming, filled.mark)
    filled.let_go()


def _show(
    request: HttpRequest, found: Found, form: MessageForm, filled: Filled | None = None
) -> HttpResponse:
    messages = _messages(found)
    own = next(message for message in messages if message.appeal.pk == found.id)
    context = {
        "found": found,
        "own": own,
        "messages": messages,
        "added": "added" in request.GET,
        "open": own.appeal.state in _OPEN,
        "promises": promises(
            light.pack_of(found.tenant.pack), own.appeal.received_at, zone=zone_of(found.tenant)
        ),
        "withdraw_url": _url(request, "withdraw", found),
        "form": form,
        "filled": filled,
    }
    status = filled.status if filled and form.errors else 200
    response = show(request, "follow", context, tenant=found.tenant, status=status)
    if filled and filled.wait:
        response["Retry-After"] = str(filled.wait)
    return response


def _messages(found: Found) -> list[Message]:
    language, pack = reader.language(), found.tenant.pack
    with working(found.tenant.pk):
        thread = _thread(found)
        ids = [appeal.pk for appeal in thread]
        texts = {
            t.pk: list(pieces(t.text, t.masks, {}))
            for t in AppealText.objects.filter(pk__in=ids).only("text", "masks")
        }
        files = list(Attachment.objects.filter(appeal__in=ids).values_list("appeal_id", flat=True))
    return [
        Message(
            appeal=appeal,
            number=numbers.shown(appeal.number),
            topic=words.topic(pack, appeal.topic, language),
            body=words.body(pack, appeal.body, language),
            place=words.territory(pack, appeal.territory, language),
            pieces=texts.get(appeal.pk, []),
            files=files.count(appeal.pk),
        )
        for appeal in thread
    ]


def _url(request: HttpRequest, name: str, found: Found) -> str:
    return link(request, name, number=found.number, secret=found.secret)
