"""Refusals in the ledger, without letting a guesser fill it.

The first refusal of a person in a minute is an entry at once. Further ones of that minute are counted, and
one entry says how many there were when the minute is over: at most two entries a minute for each person.
"""

from collections.abc import Mapping
from uuid import UUID

from django.utils import timezone

from veche.service.accounts.access import chain_of
from veche.service.accounts.acting import acting, working
from veche.service.accounts.models import Refusal, User
from veche.service.ledger.append import append
from veche.service.sql import row

_COUNT = """
INSERT INTO accounts_refusal AS r (id, user_id, minute, chain, more)
VALUES (gen_random_uuid(), %s, date_trunc('minute', now()), %s, 0)
ON CONFLICT (user_id, minute) DO UPDATE SET more = r.more + 1
RETURNING more
"""


def note(user: User, action: str) -> None:
    """Count that somebody was refused to do `action`, in a transaction of its own."""
    with acting(user):
        chain = chain_of(user)
        [more] = row(_COUNT, [user.pk, chain])
        if not more:
            _append(chain, user, {"action": action})


def write_counts() -> int:
    """Write what was counted in minutes that are over; return how many entries that made."""
    over = timezone.now().replace(second=0, microsecond=0)
    written = 0
    for found in Refusal.objects.filter(minute__lt=over).select_related("user"):
        with working(found.chain):
            gone, _each = Refusal.objects.filter(pk=found.pk).delete()
            if gone and found.more:
                _append(found.chain, found.user, {"more": found.more})
                written += 1
    return written


def _append(chain: UUID, user: User, facts: Mapping[str, str | int]) -> None:
    append(chain, "access.refused", actor=f"user:{user.pk}", object=f"user:{user.pk}", facts=facts)
