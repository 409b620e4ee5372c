"""`veche manage revoke_token`: a token opens nothing from now on."""

from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from veche.service.accounts.acting import working
from veche.service.accounts.models import Tenant
from veche.service.inbox import tokens
from veche.service.inbox.models import Token


class Command(BaseCommand):
    """Revokes it at once."""

    help = "Revoke a token of an authority."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say what can be given."""
        parser.add_argument("tenant", help="the short name of the authority")
        parser.add_argument("token", type=UUID, help="the id of the token, as list_tokens prints it")

    def handle(self, **given: Any) -> None:
        """Revoke it."""
        tenant = Tenant.objects.filter(slug=given["tenant"]).first()
        if tenant is None:
            raise CommandError(_("There is no authority of the short name “%s”.") % given["tenant"])
        with working(tenant.pk):
            token = Token.objects.filter(tenant=tenant, pk=given["token"]).first()
            if token is None:
                raise CommandError(_("The authority has no token of that id."))
            tokens.revoke(token, actor="process:manage")
        self.stderr.write(_("Token %s is revoked.") % token.pk)
