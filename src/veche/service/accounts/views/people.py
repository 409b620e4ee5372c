"""People of an authority: who has which role, granting and ending roles, letting people in and out."""

from uuid import UUID

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from veche.core.errors import NotYours
from veche.service.accounts.access import access_role, access_tenant, may, roles_of, tenants_of
from veche.service.accounts.forms import GrantForm
from veche.service.accounts.login import one_time_link
from veche.service.accounts.models import Role, Tenant, User
from veche.service.ledger.append import append
from veche.service.sql import row


@login_required
@require_GET
def people(request: HttpRequest) -> HttpResponse:
    """Lead to the people of the authority where this person may see them, or let choose one."""
    tenants = list(tenants_of(_user(request), "people.see"))
    if not tenants:
        raise NotYours(action="people.see")
    if len(tenants) == 1:
        return redirect("people_of", tenants[0].slug)
    return render(request, "accounts/tenants.html", {"tenants": tenants, "to": "people_of"})


@login_required
@require_GET
def people_of(request: HttpRequest, slug: str) -> HttpResponse:
    """Show who has which role in an authority."""
    tenant = access_tenant(_user(request), slug, "people.see")
    return _show(request, tenant, GrantForm())


@login_required
@require_POST
def grant(request: HttpRequest, slug: str) -> HttpResponse:
    """Grant a role."""
    by = _user(request)
    tenant = access_tenant(by, slug, "people.grant")
    form = GrantForm(request.POST)
    if not form.is_valid():
        return _show(request, tenant, form)
    given = form.cleaned_data
    user = User.objects.filter(email=given["email"]).first()
    if user is None:
        user = User.objects.create_user(given["email"], given["name"], language=by.language)
        append(tenant.pk, "user.made", actor=f"user:{by.pk}", object=f"user:{user.pk}")
    since, until = form.moments()
    role = Role.objects.create(
        tenant=tenant,
        user=user,
        role=given["role"],
        territory=given["territory"].strip("/ "),
        body=given["body"],
        valid_from=since,
        valid_to=until,
        granted_by=by,
    )
    _tell(role, "grant.given", by)
    messages.success(request, _("%(name)s has the role now.") % {"name": user.name})
    return redirect("people_of", tenant.slug)


@login_required
@require_POST
def end_role(request: HttpRequest, key: UUID) -> HttpResponse:
    """End a role now; one that has not begun never will."""
    by = _user(request)
    role = access_role(by, key, "people.grant")
    now = timezone.now()
    Role.objects.filter(Q(valid_to=None) | Q(valid_to__gt=now), pk=role.pk).update(valid_to=now)
    _tell(role, "grant.ended", by)
    messages.success(request, _("The role was ended."))
    return redirect("people_of", role.tenant.slug)


@login_required
@require_POST
def let_in(request: HttpRequest, key: UUID) -> HttpResponse:
    """Show a one-time link for a person whom only this administrator's authorities let in."""
    by = _user(request)
    role = _of_ours(by, key)
    append(role.tenant_id, "user.changed", actor=f"user:{by.pk}", object=f"user:{role.user_id}")
    context = {"person": role.user, "link": one_time_link(role.user), "tenant": role.tenant}
    return render(request, "accounts/let_in.html", context)


@login_required
@require_POST
def drop_second_factor(request: HttpRequest, key: UUID) -> HttpResponse:
    """Remove the second factor of a person who lost it."""
    by = _user(request)
    role = _of_ours(by, key)
    Authenticator.objects.filter(user=role.user).delete()
    append(role.tenant_id, "user.changed", actor=f"user:{by.pk}", object=f"user:{role.user_id}")
    messages.success(request, _("%(name)s signs in without a second factor now.") % {"name": role.user.name})
    return redirect("people_of", role.tenant.slug)


@login_required
@require_POST
def sign_out(request: HttpRequest, key: UUID) -> HttpResponse:
    """End all sessions of a person."""
    by = _user(request)
    role = access_role(by, key, "people.grant")
    for session in UserSession.objects.filter(user=role.user):
        session.end()
    append(role.tenant_id, "session.ended", actor=f"user:{by.pk}", object=f"user:{role.user_id}")
    messages.success(request, _("%(name)s was signed out everywhere.") % {"name": role.user.name})
    return redirect("people_of", role.tenant.slug)


def _show(request: HttpRequest, tenant: Tenant, form: GrantForm) -> HttpResponse:
    user, now = _user(request), timezone.now()
    held = roles_of(user).filter(Q(valid_to=None) | Q(valid_to__gt=now), tenant=tenant)
    context = {
        "tenant": tenant,
        "roles": held.select_related("user").order_by("user__name", "role"),
        "grants": may(user, "people.grant", tenant),
        "form": form,
        "now": now,
        "several": tenants_of(user, "people.see").count() > 1,
    }
    return render(request, "accounts/people.html", context, status=422 if form.errors else 200)


def _of_ours(by: User, key: UUID) -> Role:
    """Return a role whose person works nowhere but where `by` administers; else raise `NotYours`."""
    role = access_role(by, key, "people.grant")
    if not row("SELECT veche_works_only_here(%s)", [role.user_id])[0]:
        raise NotYours(action="people.grant")
    return role


def _tell(role: Role, act: str, by: User) -> None:
    append(
        role.tenant_id,
        act,
        actor=f"user:{by.pk}",
        object=f"grant:{role.pk}",
        facts={"user": role.user_id, "role": role.role, "narrowed": bool(role.territory or role.body)},
    )


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
