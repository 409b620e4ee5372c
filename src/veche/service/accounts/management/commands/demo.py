"""`veche manage demo`: fills an empty service with a demonstration."""

import argparse
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from veche.service.demo import is_empty, make_demo


class Command(BaseCommand):
    """Makes three authorities, people in every role, and sample appeals."""

    help = "Fill an empty service with three authorities, people in every role, and sample appeals."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Add the number of appeals."""
        parser.add_argument("--n", type=int, default=20_000, help="How many sample appeals.")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Make it and say how to sign in."""
        if not is_empty():
            raise CommandError(_("The demonstration is for an empty service; this one has authorities."))
        demo = make_demo(n=options["n"], now=datetime.now(UTC))
        self.stdout.write(_("%(n)s sample appeals came in.") % {"n": demo.appeals})
        self.stdout.write(
            _("Sign in as one of these, with the password %(password)s:") % {"password": demo.password}
        )
        for email in demo.emails:
            self.stdout.write(f"  {email}")
