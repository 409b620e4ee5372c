"""Channels of an authority and the tokens that programs hand in appeals with."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from veche.core.errors import NotYours
from veche.picture.words import label
from veche.service.accounts.access import (
    access_channel,
    access_tenant,
    access_token,
    channels_of,
    tenants_of,
    tokens_of,
)
from veche.service.accounts.forms import ChannelForm, TokenForm
from veche.service.accounts.models import Tenant, User
from veche.service.inbox.tokens import make, revoke
from veche.service.ledger.append import append


@login_required
@require_GET
def channels(request: HttpRequest) -> HttpResponse:
    """Lead to the channels of the authority that this person administers, or let choose one."""
    tenants = list(tenants_of(_user(request), "channels.manage"))
    if not tenants:
        raise NotYours(action="channels.manage")
    if len(tenants) == 1:
        return redirect("channels_of", tenants[0].slug)
    return render(request, "accounts/tenants.html", {"tenants": tenants, "to": "channels_of"})


@login_required
@require_GET
def channels_at(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the channels of an authority and their tokens."""
    return _show(request, access_tenant(_user(request), slug, "channels.manage"), ChannelForm())


@login_required
@require_POST
def open_channel(request: HttpRequest, slug: str) -> HttpResponse:
    """Open a channel."""
    by = _user(request)
    tenant = access_tenant(by, slug, "channels.manage")
    form = ChannelForm(request.POST)
    form.instance.tenant = tenant
    if not form.is_valid():
        return _show(request, tenant, form)
    try:
        with transaction.atomic():
            channel = form.save()
    except IntegrityError:
        form.add_error("code", _("There is a channel with this code already."))
        return _show(request, tenant, form)
    append(tenant.pk, "channel.made", actor=f"user:{by.pk}", object=f"channel:{channel.pk}")
    return redirect("channels_of", tenant.slug)


@login_required
@require_POST
def switch_channel(request: HttpRequest, key: UUID) -> HttpResponse:
    """Close a channel that is open; open one that is closed."""
    by = _user(request)
    channel = access_channel(by, key)
    channel.active = not channel.active
    channel.save(update_fields=["active"])
    append(
        channel.tenant_id,
        "channel.changed",
        actor=f"user:{by.pk}",
        object=f"channel:{channel.pk}",
        facts={"active": channel.active},
    )
    return redirect("channels_of", channel.tenant.slug)


@login_required
@require_POST
def make_token(request: HttpRequest, key: UUID) -> HttpResponse:
    """Make a token and show its secret, this once."""
    by = _user(request)
    channel = access_channel(by, key, "tokens.manage")
    form = TokenForm(request.POST, auto_id=_ids(channel.pk))
    if not form.is_valid():
        return _show(request, channel.tenant, ChannelForm(), token_form=form, at=channel.pk)
    given = form.cleaned_data
    token, secret = make(
        channel,
        given["title"],
        actor=f"user:{by.pk}",
        per_minute=given["per_minute"],
        burst=given["burst"],
        expires_at=form.expires_at(),
    )
    context = {"token": token, "secret": secret, "channel": channel}
    return render(request, "accounts/token.html", context)


@login_required
@require_POST
def revoke_token(request: HttpRequest, key: UUID) -> HttpResponse:
    """Let a token open nothing from now on."""
    by = _user(request)
    token = access_token(by, key)
    revoke(token, actor=f"user:{by.pk}")
    messages.success(request, _("The token was revoked."))
    return redirect("channels_of", token.tenant.slug)


def _show(
    request: HttpRequest,
    tenant: Tenant,
    form: ChannelForm,
    *,
    token_form: TokenForm | None = None,
    at: UUID | None = None,
) -> HttpResponse:
    user = _user(request)
    of_channel: dict[UUID, list[object]] = {}
    for token in tokens_of(user).filter(tenant=tenant).order_by("-created_at"):
        of_channel.setdefault(token.channel_id, []).append(token)
    rows = [
        (
            channel,
            channel.title if channel.title != channel.code else label("channel", channel.code),
            of_channel.get(channel.pk, []),
            token_form if channel.pk == at else TokenForm(auto_id=_ids(channel.pk)),
        )
        for channel in channels_of(user).filter(tenant=tenant).order_by("code")
    ]
    wrong = form.errors or (token_form and token_form.errors)
    context = {"tenant": tenant, "rows": rows, "form": form, "now": timezone.now(), "at": at}
    return render(request, "accounts/channels.html", context, status=422 if wrong else 200)


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def _ids(channel: UUID) -> str:
    """Return how the fields of a channel's form are named, so that each label has one field on the page."""
    return f"id_{channel}_%s"
