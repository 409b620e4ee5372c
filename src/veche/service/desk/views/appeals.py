"""One appeal at work: its page, what a person decides of it, its original and its files for a reason."""

from collections.abc import Iterator
from itertools import chain
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from veche.core.errors import DeskError, NotYours, NumberMistyped, OriginalGone, ReasonNeeded
from veche.picture.words import label
from veche.service.accounts.access import access_appeal, appeals_of
from veche.service.accounts.menu import rooms
from veche.service.accounts.models import User
from veche.service.desk import whole
from veche.service.desk.deciding import decide_appeal
from veche.service.desk.forms import ReasonForm
from veche.service.desk.history import marked, matters
from veche.service.desk.local import in_local_time
from veche.service.desk.marks import pieces
from veche.service.desk.rows import lines
from veche.service.desk.values import TOPIC
from veche.service.inbox import numbers
from veche.service.inbox.models import Appeal, AppealText, State
from veche.service.search.filters import Filters
from veche.service.search.found import beside, look
from veche.service.search.views import address, wants_best
from veche.service.vault.look import look_at_attachment, look_at_original
from veche.stages.matters import MOST


@login_required
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Lead to the first room that is open to this person."""
    open_rooms = rooms(request)
    return redirect(str(open_rooms[0]["url"])) if open_rooms else redirect("me")


@login_required
@require_GET
@in_local_time
def appeal(request: HttpRequest, number: str) -> HttpResponse:
    """Show one appeal as it was understood, masked; the address says from which list it was opened."""
    user = person(request)
    return _show(request, user, access_appeal(user, number_of(number)), ReasonForm())


@login_required
@require_POST
def decided(request: HttpRequest, number: str) -> HttpResponse:
    """Decide facets of one appeal: those whose value is another than the page showed."""
    user = person(request)
    found = access_appeal(user, number_of(number), "finding.decide")
    try:
        # All of them or none.
        with transaction.atomic():
            done = [decide_appeal(user, found.pk, **one) for one in _asked(request)]
    except DeskError as error:
        messages.error(request, f"{error.text()} {error.advice()} ({error.code})")
    else:
        if done:
            messages.success(request, _("Your decision was noted. It can be undone under decisions."))
        else:
            messages.warning(request, _("Nothing was changed."))
    query = request.GET.urlencode()
    return redirect(reverse("appeal", args=[numbers.shown(found.number)]) + (f"?{query}" if query else ""))


@login_required
@require_POST
@in_local_time
def original(request: HttpRequest, number: str) -> HttpResponse:
    """Show what the person wrote, to somebody who may see it and said why."""
    user = person(request)
    found = access_appeal(user, number_of(number), "original.see")
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _show(request, user, found, form)
    try:
        seen = look_at_original(user, found.pk, form.cleaned_data["reason"])
    except (ReasonNeeded, OriginalGone) as error:
        form.add_error("reason", error.text())
        return _show(request, user, found, form)
    context = {"appeal": found, "number": numbers.shown(found.number), "original": seen}
    return render(request, "desk/original.html", context)


@login_required
@require_POST
@in_local_time
def attachment(request: HttpRequest, number: str, key: UUID) -> HttpResponse | StreamingHttpResponse:
    """Give a file that came with an appeal to somebody who may see it and said why, to be saved."""
    user = person(request)
    found = access_appeal(user, number_of(number), "original.see")
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _show(request, user, found, form)
    try:
        opened = look_at_attachment(user, found.pk, key, form.cleaned_data["reason"])
        first = next(opened.content, b"")
    except (ReasonNeeded, OriginalGone) as error:
        form.add_error("reason", error.text())
        return _show(request, user, found, form)
    # Neither the name nor the kind that the sender gave: a file is saved, and nothing in it runs here.
    name = f"{numbers.shown(found.number)}-{key}.{opened.attachment.extension}"
    answer = StreamingHttpResponse(chain([first], opened.content), content_type="application/octet-stream")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "no-store"
    return answer


def number_of(typed: str) -> int:
    """Return the number in an address.

    Raises:
        NotYours: it is none.
    """
    try:
        return numbers.read(typed)
    except NumberMistyped:
        raise NotYours(action="appeal.see") from None


def person(request: HttpRequest) -> User:
    """Return the person who asks."""
    assert isinstance(request.user, User)
    return request.user


def _asked(request: HttpRequest) -> Iterator[dict[str, Any]]:
    """Yield what is decided. The body comes before the topic, which would otherwise take it along."""
    wholes = [(facet, 0) for facet in reversed(whole.CHOSEN)]
    for facet, matter in (*wholes, *((TOPIC, n) for n in range(1, MOST + 1))):
        field = whole.field_of(facet, matter)
        value, now = request.POST.get(field, ""), request.POST.get(f"{field}_now", "")
        if value not in ("", now):
            yield {"facet": facet, "value": value, "seen": now, "matter": matter}


def _show(request: HttpRequest, user: User, found: Appeal, form: ReasonForm) -> HttpResponse:
    pack = found.tenant.pack
    [line] = lines([found])
    text = AppealText.objects.filter(pk=found.pk).only("text", "masks").first()
    said = matters(found, pack)
    marks = marked(said, text) if text else {}
    copies, n_copies = whole.copies_of(user, found)
    context = {
        "line": line,
        "appeal": found,
        "pieces": list(pieces(text.text, text.masks, marks)) if text else [],
        "legend": [{"facet": facet, "words": label("facet", facet)} for facet in marks],
        "matters": said,
        "thread": whole.thread_of(user, found),
        "others": whole.others_of(user, found),
        "copies": copies,
        "n_copies": n_copies,
        "alike": whole.alike_of(user, found, without=copies),
        "files": whole.files_of(found),
        "steps": whole.steps_of(found, said),
        "choices": whole.choices_of(found, pack, said) if _may(user, found, "finding.decide") else [],
        "sees_original": found.state != State.ERASED and _may(user, found, "original.see"),
        "form": form,
        "original_url": reverse("original", args=[line.number]),
        **_around(request, user, found),
    }
    return render(request, "desk/appeal.html", context, status=422 if form.errors else 200)


def _around(request: HttpRequest, user: User, found: Appeal) -> dict[str, Any]:
    """The list that the appeal was opened from, and its neighbours there."""
    filters, best = Filters.read(request.GET, user), wants_best(request)
    query = address(filters, best=best)
    earlier, later = beside(look(user, filters, best=best), found.pk)
    known = dict(Appeal.objects.filter(pk__in=[k for k in (earlier, later) if k]).values_list("pk", "number"))
    tail = "?" + query if query else ""
    urls = {k: reverse("appeal", args=[numbers.shown(n)]) + tail for k, n in known.items()}
    return {
        "list_url": reverse("appeals") + tail,
        "earlier": urls.get(earlier, "") if earlier else "",
        "later": urls.get(later, "") if later else "",
        "tail": tail,
    }


def _may(user: User, found: Appeal, action: str) -> bool:
    return appeals_of(user, action).filter(pk=found.pk).exists()
