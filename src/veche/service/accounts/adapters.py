"""What signing in is like here, told to django-allauth: nobody signs up, guesses are slowed, and an identity
of the house opens the account of a person who already works here."""

from math import ceil
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import ngettext

from veche.service.accounts import throttle
from veche.service.accounts.access import chain_of
from veche.service.accounts.acting import acting
from veche.service.accounts.language import speak
from veche.service.accounts.models import User
from veche.service.ledger.append import append
from veche.service.sql import row


class AccountAdapter(DefaultAccountAdapter):
    """Accounts that administrators make."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Nobody makes an account for oneself."""
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Let an attempt through, or say how long to wait.

        Raises:
            ValidationError: there were too many; the password was not looked at.
        """
        key = throttle.key_of(request, credentials.get("email", ""), self.get_client_ip(request))
        wait = ceil(throttle.take(key))
        if wait:
            words = ngettext(
                "Too many attempts. Try again in %(n)s second.",
                "Too many attempts. Try again in %(n)s seconds.",
                wait,
            )
            raise ValidationError(words % {"n": wait}, code="too_many_login_attempts")

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        """Return the person whose password this is, or nothing."""
        user = super().authenticate(request, **credentials)
        if user is not None:
            throttle.forget(
                throttle.key_of(request, credentials.get("email", ""), self.get_client_ip(request))
            )
        return user

    def reauthenticate(self, user: Any, password: str) -> bool:
        """Tell whether this is the password of a person who is signed in."""
        assert context.request
        again = self.authenticate(context.request, email=user.email, password=password)
        return again is not None and again.pk == user.pk

    def post_login(self, request: HttpRequest, user: Any, **told: Any) -> HttpResponse:
        """Know the device from now on, and tell the ledger."""
        response = super().post_login(request, user, **told)
        throttle.remember(request, response, user)
        if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
            speak(request, response, user.language)
        with acting(user):
            append(chain_of(user), "login.entered", actor=f"user:{user.pk}", object=f"user:{user.pk}")
        return response

    def _rollback_login_failed_rl_usage(self) -> None:
        """The attempts of django-allauth's own are not counted."""


class IdentityAdapter(DefaultSocialAccountAdapter):
    """Identities of the house."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:  # noqa: ARG002
        """An identity makes no account."""
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Link an identity to the person who works here under the same, verified address.

        Raises:
            ImmediateHttpResponse: there is none, or the provider does not vouch for the address.
        """
        if sociallogin.is_existing:
            return
        verified = {a.email.lower() for a in sociallogin.email_addresses if a.verified}
        user = User.objects.filter(email__in=verified, is_active=True).first()
        if user is None or not _works(user):
            raise ImmediateHttpResponse(render(request, "socialaccount/no_account.html", status=403))
        sociallogin.connect(request, user)


def _works(user: User) -> bool:
    return row("SELECT veche_works(%s)", [user.pk])[0]
