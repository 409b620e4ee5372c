"""`veche manage list_tokens`: the tokens of an authority, without their secrets."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from veche.service.accounts.acting import working
from veche.service.accounts.models import Tenant
from veche.service.inbox.models import Token


class Command(BaseCommand):
    """Prints one line for each token."""

    help = "List the tokens of an authority."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say what can be given."""
        parser.add_argument("tenant", help="the short name of the authority")

    def handle(self, **given: Any) -> None:
        """List them."""
        tenant = Tenant.objects.filter(slug=given["tenant"]).first()
        if tenant is None:
            raise CommandError(_("There is no authority of the short name “%s”.") % given["tenant"])
        with working(tenant.pk):
            listed = list(
                Token.objects.filter(tenant=tenant).select_related("channel").order_by("created_at")
            )
        for token in listed:
            ends = token.revoked_at or token.expires_at
            until = f"{ends:%Y-%m-%d}" if ends else "-"
            self.stdout.write("\t".join([str(token.pk), token.channel.code, until, token.title]))
