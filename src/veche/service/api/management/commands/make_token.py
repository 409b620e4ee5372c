"""`veche manage make_token`: a token that lets a program hand in appeals through one channel."""

from argparse import ArgumentParser
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from veche.service.accounts.acting import working
from veche.service.accounts.models import Tenant
from veche.service.inbox import tokens
from veche.service.inbox.models import Channel


class Command(BaseCommand):
    """Prints the token, which is shown this once."""

    help = "Make a token for a channel of an authority, and print it this once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say what can be given."""
        parser.add_argument("tenant", help="the short name of the authority")
        parser.add_argument("--channel", default="api", help="the code of the channel (default: api)")
        parser.add_argument("--title", required=True, help="which program will use it")
        parser.add_argument("--days", type=int, help="days after which it expires (default: never)")
        parser.add_argument(
            "--per-minute", type=int, default=60_000, help="appeals that may come in a minute"
        )
        parser.add_argument("--burst", type=int, default=5_000, help="appeals that may come at once")

    def handle(self, **given: Any) -> None:
        """Make the token."""
        tenant = Tenant.objects.filter(slug=given["tenant"]).first()
        if tenant is None:
            raise CommandError(_("There is no authority of the short name “%s”.") % given["tenant"])
        if given["burst"] < 1 or given["per_minute"] < 1:
            raise CommandError(_("A token needs an allowance of at least one appeal."))
        now = datetime.now(UTC)
        with working(tenant.pk):
            channel = Channel.objects.filter(tenant=tenant, code=given["channel"]).first()
            if channel is None:
                raise CommandError(_("The authority has no channel “%s”.") % given["channel"])
            token, secret = tokens.make(
                channel,
                given["title"],
                actor="process:manage",
                per_minute=given["per_minute"],
                burst=given["burst"],
                expires_at=now + timedelta(days=given["days"]) if given["days"] else None,
            )
        self.stderr.write(_("Token %s. Keep what follows safe; it cannot be shown again.") % token.pk)
        self.stdout.write(secret)
