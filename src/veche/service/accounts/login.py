"""Links that let somebody in once: at the first start, and where a password was lost."""

from urllib.parse import urljoin
from uuid import UUID

from allauth.account.utils import perform_login
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac

from veche.service.accounts.models import User

#: In the session of somebody who came by a link and has not chosen a password since.
CAME_BY_LINK = "came_by_link"


class _Links(PasswordResetTokenGenerator):
    """Signs who, when, the password and the last signing in: so a link is void once somebody signed in."""

    key_salt = "veche.service.accounts.login"

    def _make_hash_value(self, user: AbstractBaseUser, timestamp: int) -> str:
        last = user.last_login.isoformat() if user.last_login else ""
        password = salted_hmac(self.key_salt, user.password).hexdigest()
        return f"{user.pk}{password}{last}{timestamp}{user.is_active}"


_links = _Links()


def one_time_link(user: User) -> str:
    """Return an address that signs this person in, once, within a quarter of an hour.

    Any signing in of theirs before makes it void. A second factor is asked for as ever.
    """
    path = reverse("link", args=[user.pk, _links.make_token(user)])
    return urljoin(settings.PUBLIC_URL or "http://localhost", path)


def whose(who: UUID, token: str) -> User | None:
    """Return the person whose link this is; nothing where it is void."""
    user = User.objects.filter(pk=who, is_active=True).first()
    return user if user and _links.check_token(user, token) else None


def enter(request: HttpRequest, who: UUID, token: str) -> HttpResponseBase | None:
    """Sign in by a link; return where it leads, or nothing where it is void. Of two at once one gets in."""
    user = whose(who, token)
    if user is None:
        return None
    unused = User.objects.filter(pk=user.pk, last_login=user.last_login, password=user.password)
    if not unused.update(last_login=timezone.now()):
        return None
    request.session[CAME_BY_LINK] = str(user.pk)
    return perform_login(request, user, redirect_url=reverse("password"))
