"""Pages of themes: the list, one theme with its digest and members, what a person decides, the search."""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_POST

from veche.core.errors import NotYours, ThemesError
from veche.service.accounts.access import access_tenant, allowed, tenants_of
from veche.service.accounts.models import Tenant, User
from veche.service.board.counts import Picture, Row, picture_of
from veche.service.board.small_cells import BASE, are_hidden_from
from veche.service.desk.local import in_local_time
from veche.service.search.filters import Filters
from veche.service.themes import seen, signing, tasks
from veche.service.themes.access import access_theme, sees_exact, sees_whole
from veche.service.themes.digest import digest
from veche.service.themes.models import Act, Theme, ThemeState, Work, WorkState

#: Territories that are listed for a theme.
_PLACES = 8

_STATES = (
    ("", gettext_lazy("All")),
    (ThemeState.FOUND, gettext_lazy("Not looked at")),
    (ThemeState.SIGNED, gettext_lazy("Signed off")),
    (ThemeState.DROPPED, gettext_lazy("Dropped")),
)
_STEPS = {
    "": gettext_lazy("It waits for its turn."),
    "lay_out": gettext_lazy("The appeals are read."),
    "discover": gettext_lazy("Appeals that say much the same are brought together and named."),
    "settle": gettext_lazy("What people decided is held to."),
    "audit": gettext_lazy("It is checked whom the quotations leave out."),
    "write": gettext_lazy("The themes are written."),
    "follow": gettext_lazy("New appeals are followed from here on."),
}


@login_required
@require_GET
@in_local_time
def themes(request: HttpRequest) -> HttpResponse:
    """Show the themes of an authority, new ones first."""
    user = _user(request)
    tenants = list(tenants_of(user, "picture.see"))
    if not tenants or "picture.see" not in allowed(user):
        raise NotYours(action="picture.see")
    tenant = _chosen(user, tenants, request.GET.get("tenant", ""))
    state = request.GET.get("state", "")
    state = state if state in ThemeState.values else ""
    context = {
        "tenant": tenant,
        "tenants": tenants,
        "whole": sees_whole(user, tenant.pk),
        "protected": _protected(user),
        "state": state,
        "states": _STATES,
        "lines": seen.lines(user, tenant, state=state),
        "several": len(tenants) > 1,
        **_search(user, tenant),
    }
    return render(request, "themes/themes.html", context)


@login_required
@require_GET
def work(request: HttpRequest) -> HttpResponse:
    """Show how far the search of an authority is."""
    user = _user(request)
    tenant = access_tenant(user, request.GET.get("tenant", ""), "picture.see")
    response = render(request, "themes/work.html", {"tenant": tenant, **_search(user, tenant)})
    if not response.headers.get("HX-Refresh") and request.GET.get("ran") and not _running(tenant):
        # The list is another one now: the page is asked for as a whole.
        response["HX-Refresh"] = "true"
    return response


@login_required
@require_POST
def find(request: HttpRequest) -> HttpResponse:
    """Search for themes now."""
    user = _user(request)
    tenant = access_tenant(user, request.POST.get("tenant", ""), "theme.sign")
    if not tasks.ask(tenant.pk, user):
        messages.warning(request, _("Themes are being searched for already."))
    return _to_list(tenant)


@login_required
@require_POST
def cancel(request: HttpRequest) -> HttpResponse:
    """End a search."""
    user = _user(request)
    tenant = access_tenant(user, request.POST.get("tenant", ""), "theme.sign")
    if tasks.cancel(tenant.pk):
        messages.success(
            request, _("The search ends as soon as its present step is done. Nothing is changed.")
        )
    return _to_list(tenant)


@login_required
@require_GET
@in_local_time
def theme(request: HttpRequest, key: UUID) -> HttpResponse:
    """Show a theme: its digest and whom that leaves out, its members, what was decided."""
    user = _user(request)
    found = access_theme(user, key)
    whole = sees_whole(user, found.tenant_id)
    rows, more = seen.member_rows(user, found, after=request.GET.get("after", ""))
    counted = Filters.read(QueryDict(f"theme={found.pk}"), user)
    picture = picture_of(user, counted)
    signs = seen.may_sign(user, found.tenant_id) and found.shown
    context = {
        "theme": found,
        "line": seen.line_of(user, found, picture),
        "whole": whole,
        "exact": sees_exact(user, found.tenant_id),
        "protected": _protected(user),
        "digest": digest(user, found),
        "rows": rows,
        "more": more,
        "paged": bool(request.GET.get("after")),
        "places": _places(picture),
        "points": picture.points(),
        "board": reverse("board") + "?" + counted.query(),
        "signs": signs,
        "acts": seen.acts_of(found) if whole else [],
        "joinable": seen.to_join(user, found) if signs else [],
        "several": tenants_of(user, "picture.see").count() > 1,
        "list": _list_of(found.tenant),
    }
    return render(request, "themes/theme.html", context)


@login_required
@require_POST
def decide(request: HttpRequest, key: UUID, act: str) -> HttpResponse:
    """Do what a person decided about a theme."""
    user = _user(request)
    if act not in _DECISIONS:
        raise NotYours(action="theme.sign")
    before = access_theme(user, key, "theme.sign")
    try:
        version = int(request.POST.get("version", ""))
    except ValueError:
        version = -1
    try:
        done = _DECISIONS[act](user, key, version, request.POST)
    except ThemesError as error:
        # What was begun is not kept; the page says why, as it is now.
        transaction.set_rollback(True)
        messages.error(request, f"{error.text()} {error.advice()}")
        return redirect("theme", key)
    messages.success(request, _done_words(done))
    if done.kind == "drop":
        return _to_list(before.tenant)
    return redirect("theme", done.other_id if done.kind == "merge" else key)


@login_required
@require_POST
def undo(request: HttpRequest, key: UUID) -> HttpResponse:
    """Take a decision back."""
    user = _user(request)
    act = Act.objects.filter(pk=key).first()
    try:
        done = signing.undo(user, key)
    except ThemesError as error:
        transaction.set_rollback(True)
        messages.error(request, f"{error.text()} {error.advice()}")
        return redirect("theme", act.theme_id) if act else redirect("themes")
    messages.success(request, _("The decision was taken back."))
    return redirect("theme", done.theme_id)


def _places(picture: Picture) -> list[Row]:
    """The territories that most appeals are from: the parts of the country, where there are some."""
    found = [row for row in picture.rows("territory") if row.n]
    parts = [row for row in found if row.depth == 1] or found
    return sorted(parts, key=lambda row: -row.n)[:_PLACES]


def _split(user: User, key: UUID, version: int, typed: QueryDict) -> Act:
    picked = [_ids(typed.getlist(name)) for name in ("belong", "stay")]
    return signing.split(user, key, version, belong=picked[0], stay=picked[1], name=typed.get("name", ""))


def _merge(user: User, key: UUID, version: int, typed: QueryDict) -> Act:
    into = _ids([typed.get("into", "")])
    return signing.merge(user, key, version, into[0] if into else key)


_DECISIONS: dict[str, Callable[[User, UUID, int, QueryDict], Act]] = {
    "rename": lambda user, key, version, typed: signing.rename(user, key, version, typed.get("name", "")),
    "sign": lambda user, key, version, _typed: signing.sign(user, key, version),
    "pin": lambda user, key, version, _typed: signing.pin(user, key, version),
    "drop": lambda user, key, version, _typed: signing.drop(user, key, version),
    "merge": _merge,
    "split": _split,
}


def _done_words(act: Act) -> str:
    said = {
        "rename": _("The theme has its name."),
        "sign": _("The theme is signed off."),
        "pin": _("The theme is pinned: it stays in later searches."),
        "unpin": _("The theme is pinned no longer."),
        "drop": _("The theme is dropped. It can be found among the dropped ones, and taken back there."),
        "merge": _("The themes are one now. Its quotations are chosen anew within a minute."),
        "split": ngettext(
            "%(n)d appeal is a theme of its own now.",
            "%(n)d appeals are a theme of their own now.",
            act.moved,
        )
        % {"n": act.moved},
    }
    return said[act.kind]


def _ids(typed: list[str]) -> list[UUID]:
    found = []
    for value in typed:
        try:
            found.append(UUID(value))
        except ValueError:
            continue
    return found


def _search(user: User, tenant: Tenant) -> dict[str, object]:
    """How far the search is, as the pages show it."""
    found = Work.objects.filter(pk=tenant.pk).select_related("asked_by").first()
    running = found is not None and found.running
    left = None
    if running and found is not None and found.begun_at and found.fraction > 0.05:
        gone = (datetime.now(UTC) - found.begun_at).total_seconds()
        left = max(1, round(gone * (1 - found.fraction) / found.fraction / 60))
    return {
        "work": found,
        "exact": sees_exact(user, tenant.pk),
        "running": running,
        "writing": found is not None and found.state == WorkState.WRITING,
        "failed": found is not None and found.state == WorkState.FAILED,
        "percent": round(100 * found.fraction) if found else 0,
        "minutes": left,
        "step": _STEPS.get(found.step if found else "", ""),
        "may_find": seen.may_sign(user, tenant.pk),
    }


def _protected(user: User) -> int:
    """What the numbers of a page are multiples of, 0 where they are shown as they are."""
    return BASE if are_hidden_from(user) else 0


def _running(tenant: Tenant) -> bool:
    found = Work.objects.filter(pk=tenant.pk).first()
    return found is not None and found.running


def _chosen(user: User, tenants: list[Tenant], slug: str) -> Tenant:
    """The authority that was asked for, else the first that has themes, else the first."""
    if slug:
        return access_tenant(user, slug, "picture.see")
    having = set(Theme.objects.filter(tenant__in=tenants).values_list("tenant", flat=True).distinct())
    return next((tenant for tenant in tenants if tenant.pk in having), tenants[0])


def _list_of(tenant: Tenant) -> str:
    return f"{reverse('themes')}?tenant={tenant.slug}"


def _to_list(tenant: Tenant) -> HttpResponse:
    return redirect(_list_of(tenant))


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
