"""The form by which a citizen writes to an authority.

Nothing that was typed is lost on the way: each answer that is not the end brings the form back as it was.
Somebody in danger is told the number to call, and is asked nothing before the appeal is taken.
"""

import time
from dataclasses import replace
from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from veche.core.errors import FilesTooLarge, VecheError
from veche.core.ids import uuid7
from veche.service.inbox.incoming import Incoming
from veche.service.public import light
from veche.service.public.authorities import Door, door_of, open_authorities
from veche.service.public.filled import Filled, read
from veche.service.public.forms import AppealForm
from veche.service.public.once import new_mark
from veche.service.public.pages import link, public, show
from veche.service.public.questions import Asked, home_of, questions
from veche.service.public.taking import Given, take_one
from veche.service.public.uploads import in_memory

#: Characters of an answer to the extra question.
MAX_ANSWER = 500


@public
def choose(request: HttpRequest) -> HttpResponse:
    """Let choose the authority; where there is one only, lead to it."""
    tenants = open_authorities()
    if len(tenants) == 1:
        return redirect(link(request, "write", slug=tenants[0].slug))
    doors = [(tenant, link(request, "write", slug=tenant.slug)) for tenant in tenants]
    return show(request, "choose", {"doors": doors})


@public
def write(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the form, or take what was sent."""
    door = door_of(slug)
    if door is None:
        return show(request, "closed", {}, status=404)
    if request.method == "POST":
        return _sent(request, door)
    light.warm(door.tenant.pack)
    form = AppealForm(initial={"mark": new_mark(time.time())})
    return show(request, "write", {"form": form, "emergency": _emergency(door)}, tenant=door.tenant)


def _sent(request: HttpRequest, door: Door) -> HttpResponse:
    try:
        handler = in_memory(request)
    except FilesTooLarge as error:
        return show(request, "too_large", {"error": error}, tenant=door.tenant, status=413)
    filled = read(request, AppealForm, door.tenant.pk, handler)
    if filled.form.errors or "back" in request.POST:
        return _again(request, door, filled)
    try:
        return _next(request, door, filled)
    except VecheError as error:
        filled.refuse(error)
        return _again(request, door, filled)


def _again(request: HttpRequest, door: Door, filled: Filled) -> HttpResponse:
    """Show the form as it was sent, with what is wrong; its files wait sealed."""
    filled.hold()
    context = {"form": filled.form, "filled": filled, "emergency": _emergency(door)}
    status = filled.status if filled.form.errors else 200
    response = show(request, "write", context, tenant=door.tenant, status=status)
    if filled.wait:
        response["Retry-After"] = str(filled.wait)
    return response


def _next(request: HttpRequest, door: Door, filled: Filled) -> HttpResponse:
    """Take it, or ask before what is not clear."""
    pack, now = light.pack_of(door.tenant.pack), datetime.now(UTC)
    home = home_of(pack, door.tenant.territory) if pack else door.tenant.territory
    data = filled.form.cleaned_data
    where, when = (request.POST.get(name, "").strip()[:MAX_ANSWER] for name in ("where", "when"))
    address = ", ".join(filter(None, [where, data["address"]]))
    seen = light.look(door.tenant.pack, data["text"], address=address, home=home, now=now)
    life = seen is not None and seen.life
    asked = Asked()
    if pack and seen and "answered" not in request.POST:
        asked = questions(seen, data["text"], data["address"], pack=pack, home=home)
    if asked and not life:
        filled.hold()
        context = {"form": filled.form, "filled": filled, "asked": asked, "most": MAX_ANSWER}
        return show(request, "question", context, tenant=door.tenant)
    meant = seen.territory if seen is not None and seen.named else home
    given = _take(door, filled, address=address, when=when, territory=meant)
    on_url = link(request, "sent", number=given.number, secret=given.secret)
    if not life:
        return redirect(on_url)
    add_url = link(request, "follow", number=given.number, secret=given.secret) + "#add"
    context = {
        "emergency": _emergency(door),
        "given": given,
        "on_url": on_url,
        "add_url": add_url,
        "asked": asked,
    }
    return show(request, "danger", context, tenant=door.tenant)


def _take(door: Door, filled: Filled, *, address: str, when: str, territory: str) -> Given:
    data = filled.form.cleaned_data
    incoming = Incoming(
        text=data["text"],
        identity=filled.mark.identity,
        contacts=[data["contact"]] if data["contact"] else [],
        author=data["name"] or None,
        address=address or None,
        age=data["age"],
        occupation=data["occupation"] or None,
        declared_territory=territory or None,
        # New ids: what waits sealed lies under the old ones, for this form sent once more.
        attachments=[replace(file, id=uuid7()) for file in filled.files],
        kept={"when": when} if when else {},
    )
    given = take_one(door, incoming, filled.mark)
    filled.let_go()
    return given


def _emergency(door: Door) -> str:
    pack = light.pack_of(door.tenant.pack)
    return pack.emergency if pack else ""
