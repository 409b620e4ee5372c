"""One's own account: name, language, password, second factor, sessions; and the one-time link."""

from uuid import UUID

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import PasswordChangeForm, SetPasswordForm
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from veche.service.accounts import login
from veche.service.accounts.access import chain_of
from veche.service.accounts.forms import MeForm
from veche.service.accounts.language import speak
from veche.service.accounts.models import User
from veche.service.ledger.append import append


@login_required
@require_http_methods(["GET", "POST"])
def me(request: HttpRequest) -> HttpResponse:
    """Show one's account, and keep a changed name or language."""
    user = _user(request)
    form = MeForm(request.POST or None, instance=user)
    if request.method == "POST" and form.is_valid():
        form.save()
        response = redirect("me")
        speak(request, response, user.language)
        messages.success(request, _("Kept."))
        return response
    context = {
        "form": form,
        "has_password": user.has_usable_password(),
        "second_factor": Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists(),
        "sessions": [s for s in UserSession.objects.filter(user=user) if not s.purge()],
    }
    return render(request, "accounts/me.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def end_session(request: HttpRequest, key: int) -> HttpResponse:
    """End one of one's sessions."""
    user = _user(request)
    for session in UserSession.objects.filter(pk=key, user=user):
        _end(session, user)
        messages.success(request, _("The session was ended."))
    return redirect("me")


@login_required
@require_POST
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    """End all of one's sessions but this one."""
    user = _user(request)
    others = UserSession.objects.filter(user=user).exclude(session_key=request.session.session_key)
    for session in others:
        _end(session, user)
    messages.success(request, _("All other sessions were ended."))
    return redirect("me")


@login_required
@require_http_methods(["GET", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """Set or change one's password; all other sessions end. The old one is asked for where there was one,
    unless the person has just come by a one-time link."""
    user = _user(request)
    came_by_link = request.session.get(login.CAME_BY_LINK) == str(user.pk)
    new = came_by_link or not user.has_usable_password()
    form_class = SetPasswordForm if new else PasswordChangeForm
    form = form_class(user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        form.save()
        request.session.pop(login.CAME_BY_LINK, None)
        update_session_auth_hash(request, user)
        for session in UserSession.objects.filter(user=user):
            if session.session_key != request.session.session_key:
                session.end()
        append(chain_of(user), "user.changed", actor=f"user:{user.pk}", object=f"user:{user.pk}")
        messages.success(request, _("Your password was changed."))
        return redirect("home")
    context = {"form": form, "came_by_link": came_by_link}
    return render(request, "accounts/password.html", context, status=422 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "POST"])
def link(request: HttpRequest, who: UUID, token: str) -> HttpResponseBase:
    """Ask who follows a one-time link to press a button, so that no preview uses it up; then let them in."""
    if request.user.is_authenticated:
        return redirect("home")
    if request.method == "POST":
        entered = login.enter(request, who, token)
        if entered is not None:
            return entered
    user = login.whose(who, token)
    return render(request, "accounts/link.html", {"person": user}, status=200 if user else 410)


@require_safe
def lost_password(request: HttpRequest) -> HttpResponse:
    """Say what to do without a password: an administrator makes a one-time link."""
    return render(request, "accounts/lost_password.html")


def _end(session: UserSession, user: User) -> None:
    session.end()
    append(chain_of(user), "session.ended", actor=f"user:{user.pk}", object=f"user:{user.pk}")


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
