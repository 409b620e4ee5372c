"""`veche manage export_decisions`: what people decided, for `veche learn`."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from veche.core.errors import VecheError
from veche.service.accounts.models import Tenant
from veche.service.desk.exporting import export_decisions
from veche.service.desk.values import COLUMN


class Command(BaseCommand):
    """Writes masked texts with what people decided about them."""

    help = "Write what people decided at the desk as a sheet of corrections that `veche learn` reads."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say what can be given."""
        parser.add_argument("--out", type=Path, required=True, help="the CSV file to write")
        parser.add_argument("--tenant", help="the short name of an authority (default: all)")
        parser.add_argument(
            "--facet", default="topic", choices=list(COLUMN), help="the facet (default: topic)"
        )

    def handle(self, **given: Any) -> None:
        """Write the sheet."""
        tenants = Tenant.objects.order_by("slug")
        if given["tenant"]:
            tenants = tenants.filter(slug=given["tenant"])
            if not tenants:
                raise CommandError(_("There is no authority of the short name “%s”.") % given["tenant"])
        try:
            rows = export_decisions(list(tenants), given["out"], facet=given["facet"], actor="process:manage")
        except VecheError as error:
            raise CommandError(f"{error.text()} {error.advice()}".strip()) from None
        self.stderr.write(
            _("%(rows)s decisions were written to %(file)s.") % {"rows": rows, "file": given["out"]}
        )
