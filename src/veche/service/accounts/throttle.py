"""Failed passwords are slowed, not accounts locked: so nobody can lock another out.

What is slowed is an account as seen from one source: after `FREE` failures each further attempt waits, twice
as long each time, up to `LONGEST`. A guesser elsewhere uses up a wait of their own. A device from which the
person once signed in carries a cookie and has an allowance of its own, so that not even a guesser behind the
same address slows it. (The method is OWASP's "Slow Down Online Guessing Attacks with Device Cookies".)

An attempt is counted before the password is looked at, in one statement: many at once count as many.
"""

import hashlib
from uuid import UUID

from django.core import signing
from django.db import connection
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from veche.core.ids import uuid7
from veche.service.accounts.models import User

#: Failures that cost nothing.
FREE = 5
#: Seconds that the first wait and the longest wait take.
FIRST, LONGEST = 5, 900
#: Seconds that a device is known for.
KNOWN = 365 * 24 * 3600

_SALT = "veche.device"
_WAIT = """
CASE WHEN a.failures < %(free)s THEN 0
     ELSE least(%(longest)s, %(first)s * 2 ^ least(a.failures - %(free)s, 20)) END
"""
_TAKE = f"""
INSERT INTO accounts_attempt AS a (key, failures, last_at) VALUES (%(key)s, 1, clock_timestamp())
ON CONFLICT (key) DO UPDATE SET last_at = clock_timestamp(),
    failures = CASE WHEN a.last_at < clock_timestamp() - interval '1 day' THEN 1 ELSE a.failures + 1 END
WHERE a.last_at + make_interval(secs => {_WAIT}) <= clock_timestamp()
RETURNING 0.0
"""
_LEFT = f"""
SELECT extract(epoch FROM a.last_at + make_interval(secs => {_WAIT}) - clock_timestamp())
FROM accounts_attempt a WHERE key = %(key)s
"""


def take(key: bytes) -> float:
    """Count an attempt; return 0, or how many seconds to wait before the next, which is then not counted."""
    facts = {"key": key, "free": FREE, "first": FIRST, "longest": LONGEST}
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, facts)
        if cursor.fetchone():
            return 0.0
        cursor.execute(_LEFT, facts)
        left = cursor.fetchone()
    return max(1.0, float(left[0])) if left else 1.0


def forget(key: bytes) -> None:
    """Forget the attempts that were counted: the last one was right."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM accounts_attempt WHERE key = %s", [key])


def key_of(request: HttpRequest, email: str, source: str) -> bytes:
    """Return what attempts on an account are counted under: the known device, else the source."""
    user = User.objects.filter(email=email.strip().lower()).first()
    device = _device(request, user) if user else None
    words = ["device", device] if device else ["source", email.strip().lower(), source]
    return hashlib.sha256("\n".join(words).encode()).digest()


def remember(request: HttpRequest, response: HttpResponseBase, user: User) -> None:
    """Let the device from which somebody signed in be known from now on."""
    if _device(request, user):
        return
    value = signing.dumps([str(user.pk), str(uuid7())], salt=_SALT)
    response.set_cookie(
        _cookie(user.pk), value, max_age=KNOWN, secure=request.is_secure(), httponly=True, samesite="Lax"
    )


def _device(request: HttpRequest, user: User) -> str | None:
    try:
        whose, device = signing.loads(request.COOKIES.get(_cookie(user.pk), ""), salt=_SALT, max_age=KNOWN)
    except (signing.BadSignature, ValueError):
        return None
    return device if whose == str(user.pk) else None


def _cookie(user: UUID) -> str:
    return f"device_{hashlib.sha256(user.bytes).hexdigest()[:12]}"
