"""Withdrawing an appeal: it is no longer worked on nor counted; its text stays until it is erased."""

from uuid import UUID

from veche.core.errors import NothingToWithdraw
from veche.service.inbox import numbers
from veche.service.inbox.models import Appeal, Pending, State
from veche.service.ledger.append import append
from veche.service.live import tell


def withdraw(appeal_id: UUID, *, actor: str) -> Appeal:
    """Return the appeal, withdrawn; to withdraw it again changes nothing.

    Runs within `acting` or `working` of its tenant; the caller has found that it may be withdrawn.

    Raises:
        NothingToWithdraw: its author was erased.
    """
    # In the order in which the workers lock them.
    Pending.objects.filter(pk=appeal_id).delete()
    appeal = Appeal.objects.select_for_update().get(pk=appeal_id)
    if appeal.state == State.ERASED:
        raise NothingToWithdraw
    if appeal.state != State.WITHDRAWN:
        Appeal.objects.filter(pk=appeal_id).update(state=State.WITHDRAWN)
        appeal.state = State.WITHDRAWN
        append(
            appeal.tenant_id, "appeal.withdrawn", actor=actor, object=f"appeal:{numbers.shown(appeal.number)}"
        )
        tell(appeal.tenant_id, "counts")
    return appeal
