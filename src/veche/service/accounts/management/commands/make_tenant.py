"""`veche manage make_tenant`: opens an authority and appoints its first administrator."""

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email, validate_slug
from django.forms import ValidationError
from django.utils.translation import gettext as _

from veche.core.errors import VecheError
from veche.service.accounts.login import one_time_link
from veche.service.accounts.models import Level, Tenant
from veche.service.tenants import appoint, open_tenant


class Command(BaseCommand):
    """Opens an authority and prints a link that lets its administrator in once."""

    help = "Open an authority and appoint its first administrator."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Say what an authority needs."""
        parser.add_argument("slug", help="Short name for addresses, for example “kazan”.")
        parser.add_argument("name", help="Its name.")
        parser.add_argument("--level", choices=Level.values, required=True, help="Where it stands.")
        parser.add_argument("--pack", required=True, help="A pack's name or folder.")
        parser.add_argument("--territory", default="", help="Code of the territory that it governs.")
        parser.add_argument("--parent", help="Short name of the authority above it.")
        parser.add_argument("--administrator", required=True, metavar="EMAIL", help="Who lets the others in.")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Open it."""
        slug, email = options["slug"], options["administrator"]
        try:
            validate_slug(slug)
            validate_email(email)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        if Tenant.objects.filter(slug=slug).exists():
            raise CommandError(_("There is an authority called “%(slug)s” already.") % {"slug": slug})
        parent = None
        if options["parent"]:
            parent = Tenant.objects.filter(slug=options["parent"]).first()
            if parent is None:
                raise CommandError(
                    _("There is no authority called “%(slug)s”.") % {"slug": options["parent"]}
                )
        try:
            tenant = open_tenant(
                slug=slug,
                name=options["name"],
                level=options["level"],
                pack=options["pack"],
                territory=options["territory"],
                parent=parent,
            )
        except VecheError as error:
            raise CommandError(f"{error.text()} {error.advice()}") from None
        link = one_time_link(appoint(tenant, email, email))
        self.stdout.write(
            _("“%(name)s” is open. Its administrator signs in once with:") % {"name": tenant.name}
        )
        self.stdout.write(link)
