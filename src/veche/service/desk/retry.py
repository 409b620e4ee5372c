"""Trying an appeal again that was set aside."""

from django.utils import timezone

from veche.service.inbox.models import Appeal, Pending, State
from veche.service.ledger.append import append


def retry(appeal: Appeal, *, actor: str) -> bool:
    """Let the workers take an appeal again, in the caller's transaction; return whether it was aside."""
    aside = Appeal.objects.filter(pk=appeal.pk, state=State.ASIDE)
    if not aside.update(state=State.RECEIVED, aside_reason=""):
        return False
    again = {"since": timezone.now(), "tries": 0, "held_until": None, "tenant_id": appeal.tenant_id}
    Pending.objects.update_or_create(appeal_id=appeal.pk, defaults=again)
    append(appeal.tenant_id, "appeal.retried", actor=actor, object=f"appeal:{appeal.pk}")
    return True
