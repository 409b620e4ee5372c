"""Files of appeals in the browser: bring one, see what it holds, set its columns, take it in."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_POST

from veche.core.errors import NotYours, VecheError
from veche.intake.model import WARNINGS
from veche.service.accounts.access import access_import, access_tenant, imports_of, tenants_of
from veche.service.accounts.models import Tenant, User
from veche.service.desk.forms import ColumnsForm, FileForm
from veche.service.desk.local import in_local_time
from veche.service.inbox import imports as files
from veche.service.inbox import tasks
from veche.service.inbox.models import Channel, FileImport, ImportReject, ImportState

#: Imports, and rows that were not taken, on a page.
PAGE = 50

#: The channel that files come by.
FILES = "file"

#: What goes on by itself, so that the page asks again.
_RUNNING = (ImportState.CHECKING, ImportState.IMPORTING)


@login_required
@require_GET
@in_local_time
def imports(request: HttpRequest) -> HttpResponse:
    """Show the files that were brought, the latest first, and let bring one."""
    return _list(request, FileForm(_tenants(_user(request))))


@csrf_exempt
def bring(request: HttpRequest) -> HttpResponse:
    """Take a file of any size: it goes to the disk as it comes, before anything of the form is read."""
    handlers = [TemporaryFileUploadHandler(request)]
    request.upload_handlers = handlers  # pyright: ignore[reportAttributeAccessIssue]
    return _bring(request)


@csrf_protect
@login_required
@require_POST
@in_local_time
def _bring(request: HttpRequest) -> HttpResponse:
    user = _user(request)
    form = FileForm(_tenants(user), request.POST, request.FILES)
    if not form.is_valid():
        return _list(request, form, status=422)
    tenant = access_tenant(user, form.cleaned_data["tenant"], "import.start")
    channel = Channel.objects.filter(tenant=tenant, code=FILES, active=True).first()
    if channel is None:
        form.add_error(None, _("The channel “file” is not open here. An administrator can open it."))
        return _list(request, form, status=422)
    file = form.cleaned_data["file"]
    suffix = "." + str(file.name).rpartition(".")[2]
    try:
        brought = files.receive(tenant, channel, user, file.chunks(1 << 20), suffix=suffix)
    except VecheError as error:
        form.add_error("file", error.text())
        return _list(request, form, status=422)
    tasks.defer(tasks.look_through, brought)
    return redirect("import", brought.pk)


@login_required
@require_GET
@in_local_time
def one(request: HttpRequest, key: UUID) -> HttpResponse:
    """Show how far a file is, what it holds, and which rows are not taken."""
    brought = access_import(_user(request), key)
    return _show(request, brought, ColumnsForm(brought))


@login_required
@require_POST
@in_local_time
def columns(request: HttpRequest, key: UUID) -> HttpResponse:
    """Set which columns feed which field, and look through the file anew."""
    brought = access_import(_user(request), key)
    form = ColumnsForm(brought, request.POST)
    if not form.is_valid():
        return _show(request, brought, form)
    if files.remap(brought, form.mapping()):
        tasks.defer(tasks.look_through, brought)
    return redirect("import", key)


@login_required
@require_POST
def confirm(request: HttpRequest, key: UUID) -> HttpResponse:
    """Take the rows in."""
    user = _user(request)
    brought = access_import(user, key)
    if files.confirm(brought, actor=f"user:{user.pk}"):
        tasks.defer(tasks.bring_in, brought)
    return redirect("import", key)


@login_required
@require_POST
def cancel(request: HttpRequest, key: UUID) -> HttpResponse:
    """End an import; what was taken stays."""
    files.cancel(access_import(_user(request), key))
    messages.success(request, _("The import is being cancelled."))
    return redirect("import", key)


def _list(request: HttpRequest, form: FileForm, *, status: int = 200) -> HttpResponse:
    user = _user(request)
    brought = imports_of(user).select_related("tenant", "by").order_by("-created_at")[:PAGE]
    return render(request, "desk/imports.html", {"form": form, "imports": brought}, status=status)


def _show(request: HttpRequest, brought: FileImport, form: ColumnsForm) -> HttpResponse:
    rejects = ImportReject.objects.filter(file_import=brought).order_by("row")
    oddities: dict[str, int] = {}
    for source in brought.seen.get("sources", ()):
        for key, count in source["warnings"].items():
            oddities[key] = oddities.get(key, 0) + count
    context = {
        "brought": brought,
        "form": form,
        "sources": brought.seen.get("sources", ()),
        "oddities": [(_(WARNINGS[key]), count) for key, count in oddities.items()],
        "rejects": rejects[:PAGE],
        "running": brought.state in _RUNNING,
        "percent": round(100 * brought.fraction),
        "fresh": brought.accepted - brought.repeated,
        "waiting": brought.state == ImportState.CHECKED,
    }
    return render(request, "desk/import.html", context, status=422 if form.errors else 200)


def _tenants(user: User) -> list[Tenant]:
    found = list(tenants_of(user, "import.start"))
    if not found:
        raise NotYours(action="import.start")
    return found


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
