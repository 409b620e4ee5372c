"""The picture as a file, and the list of the appeals behind it: CSV, XLSX, PDF."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from veche.core.errors import NotYours
from veche.service.accounts.access import allowed
from veche.service.accounts.models import User
from veche.service.board.export import document
from veche.service.board.export_files import MARK, as_csv, as_xlsx, lines_of
from veche.service.board.export_list import rows_of_list
from veche.service.board.export_pdf import as_pdf
from veche.service.board.views.scene import Scene, scene_for
from veche.service.desk.local import in_local_time
from veche.service.search.filters import Filters

_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}


@login_required
@require_GET
@in_local_time
def export(request: HttpRequest, ending: str) -> HttpResponse | StreamingHttpResponse:
    """Return the picture that an address asks for as a file; with `of=appeals` the list behind it, as CSV.

    What cannot be asked for leads back to the board, which says why.
    """
    user = request.user
    assert isinstance(user, User)
    if ending not in _TYPES:
        raise Http404
    may = allowed(user)
    if "picture.see" not in may:
        raise NotYours(action="picture.see")
    filters = Filters.read(request.GET, user)
    if filters.errors:
        messages.error(request, _("No file was made: the address asks for something that there is not."))
        return redirect(f"{reverse('board')}?{request.GET.urlencode()}")
    listed = request.GET.get("of") == "appeals"
    if listed and (ending != "csv" or "appeal.list" not in may):
        raise NotYours(action="appeal.list")
    response = _of_list(user, filters) if listed else _of_picture(scene_for(user, filters), ending)
    name = ("veche-appeals" if listed else "veche-picture") + f"-{timezone.localdate().isoformat()}.{ending}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _of_picture(scene: Scene, ending: str) -> HttpResponse:
    made = document(scene)
    if ending == "csv":
        return HttpResponse(b"".join(as_csv(made)), _TYPES[ending])
    made_file = as_pdf(made, scene.look.formats) if ending == "pdf" else as_xlsx(made)
    return HttpResponse(made_file, _TYPES[ending])


def _of_list(user: User, filters: Filters) -> StreamingHttpResponse:
    return StreamingHttpResponse(lines_of(rows_of_list(user, filters), MARK), _TYPES["csv"])
