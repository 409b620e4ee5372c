"""Notes on the time line: see them, write, change and remove them."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from veche.core.errors import NotYours
from veche.service.accounts.access import access_tenant, tenants_of
from veche.service.accounts.models import User
from veche.service.board import annotations
from veche.service.board.annotations import AnnotationForm
from veche.service.board.models import Annotation


@login_required
@require_GET
def notes(request: HttpRequest) -> HttpResponse:
    """Show the notes of the time line, the latest first, and let write one."""
    day = request.GET.get("day", "")
    return _list(request, _form(_user(request), initial={"day": day}))


@login_required
@require_POST
def add(request: HttpRequest) -> HttpResponse:
    """Write a note."""
    user = _user(request)
    form = _form(user, request.POST)
    if form is None:
        raise NotYours(action="annotation.write")
    if not form.is_valid():
        return _list(request, form, status=422)
    given = form.cleaned_data
    tenant = access_tenant(user, given["tenant"], "annotation.write")
    note = Annotation(tenant=tenant, day=given["day"], until=given["until"], words=given["words"])
    annotations.write(note, by=user)
    messages.success(request, _("The note stands on the time line."))
    return redirect("annotations")


@login_required
@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, key: UUID) -> HttpResponse:
    """Change a note."""
    user = _user(request)
    note = annotations.access_annotation(user, key)
    before = {"tenant": note.tenant.slug, "day": note.day, "until": note.until, "words": note.words}
    form = AnnotationForm([note.tenant], request.POST or None, initial=before)
    if request.method == "POST" and form.is_valid():
        for name in ("day", "until", "words"):
            setattr(note, name, form.cleaned_data[name])
        annotations.write(note, by=user)
        messages.success(request, _("The note was changed."))
        return redirect("annotations")
    context = {"form": form, "note": note}
    return render(request, "board/note.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def remove(request: HttpRequest, key: UUID) -> HttpResponse:
    """Remove a note."""
    user = _user(request)
    annotations.remove(annotations.access_annotation(user, key), by=user)
    messages.success(request, _("The note was removed."))
    return redirect("annotations")


def _form(user: User, *args: object, **kwargs: object) -> AnnotationForm | None:
    """Return the form of a new note, None for a person who may not write one."""
    tenants = list(tenants_of(user, "annotation.write"))
    return AnnotationForm(tenants, *args, **kwargs) if tenants else None


def _list(request: HttpRequest, form: AnnotationForm | None, *, status: int = 200) -> HttpResponse:
    user = _user(request)
    if not tenants_of(user, "picture.see").exists():
        raise NotYours(action="picture.see")
    mine = {tenant.pk for tenant in tenants_of(user, "annotation.write")}
    rows = [(note, note.tenant_id in mine) for note in annotations.notes_of(user)]
    context = {"rows": rows, "form": form, "several": len({note.tenant_id for note, _mine in rows}) > 1}
    return render(request, "board/notes.html", context, status=status)


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
