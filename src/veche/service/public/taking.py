"""What a citizen sent becomes an appeal, once, and is durable before anybody is told its number."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from veche.core.errors import FormReused, RepeatedOtherContent, RowsRefused
from veche.service.inbox import numbers
from veche.service.inbox.committer import submit, submit_alone
from veche.service.inbox.incoming import Incoming, check
from veche.service.inbox.take import arriving
from veche.service.public.authorities import Door
from veche.service.public.once import Mark

#: How the ledger names who handed it in.
ACTOR = "public.form"


@dataclass(frozen=True)
class Given:
    """What a citizen is given for an appeal: its number as it is shown, and its tracking secret."""

    number: str
    secret: str = field(repr=False)


def take_one(door: Door, incoming: Incoming, mark: Mark, *, actor: str = ACTOR) -> Given:
    """Take one message, by `actor` as the ledger names it.

    The same form sent again is answered with the same number and secret.

    Raises:
        FormReused: the form came before with another text.
        VecheError: it cannot be taken, as `incoming.check` says, or the service is busy or away.
    """
    now = datetime.now(UTC)
    for error in check([incoming], now=now).values():
        raise error
    rows = arriving(door.tenant.pk, door.channel_id, [incoming], actor=actor, now=now, secret_of=mark.secret)
    send = submit_alone if incoming.attachments else submit
    try:
        [taken] = send(rows).taken
    except RowsRefused as refused:
        raise _reason(refused) from None
    return Given(numbers.shown(taken.number), mark.secret(taken.appeal_id))


def _reason(refused: RowsRefused) -> Exception:
    reasons = refused.facts.get("rows")
    [reason] = reasons.values() if isinstance(reasons, dict) and len(reasons) == 1 else [refused]
    return FormReused() if isinstance(reason, RepeatedOtherContent) else reason
