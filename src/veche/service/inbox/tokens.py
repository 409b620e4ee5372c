"""Tokens that let a program hand in appeals through one channel. Only a hash of each is kept."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.db import connection

from veche.service.inbox.models import Channel, Token
from veche.service.ledger.append import append
from veche.service.vault.keys import secret_hash

#: Lets scanners of leaked secrets know one when they see it.
PREFIX = "veche_"
_BYTES = 32


@dataclass(frozen=True, slots=True)
class Bearer:
    """Who asks: the token that came with a request, and whose it is."""

    token_id: UUID
    tenant_id: UUID
    channel_id: UUID

    @property
    def actor(self) -> str:
        """As the ledger names it."""
        return f"token:{self.token_id}"


def make(
    channel: Channel,
    title: str,
    *,
    actor: str,
    per_minute: int = 60_000,
    burst: int = 5_000,
    expires_at: datetime | None = None,
) -> tuple[Token, str]:
    """Return a new token and its secret, which is shown once and never again.

    Runs within `acting` or `working` of the channel's tenant. `per_minute` appeals may be handed in each
    minute, `burst` at once after a pause.
    """
    secret = PREFIX + secrets.token_urlsafe(_BYTES)
    token = Token.objects.create(
        tenant_id=channel.tenant_id,
        channel=channel,
        hash=secret_hash(secret),
        title=title,
        per_minute=per_minute,
        burst=burst,
        expires_at=expires_at,
    )
    append(
        token.tenant_id, "token.made", actor=actor, object=f"token:{token.pk}", facts={"channel": channel.pk}
    )
    return token, secret


def revoke(token: Token, *, actor: str) -> None:
    """Let a token open nothing from the end of this transaction on; a second time changes nothing."""
    changed = Token.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=datetime.now(UTC))
    if changed:
        append(token.tenant_id, "token.revoked", actor=actor, object=f"token:{token.pk}", facts={})


def find(secret: str) -> Bearer | None:
    """Return whose secret this is; None for one that is unknown, expired or revoked. Needs no transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, tenant_id, channel_id FROM veche_token(%s)", [secret_hash(secret)])
        row = cursor.fetchone()
    return Bearer(*row) if row else None
