"""What `veche up` has done in Django before and after the start: `python -m veche.service.starting STEP`.

Runs as the owner of the tables. What it prints is for the person at the terminal and for no log. It ends with
`os.EX_TEMPFAIL` where the database went away meanwhile.
"""

import os
import sys
import traceback
from collections.abc import Callable

import django
from django.core.management import call_command
from django.db import InterfaceError, OperationalError

#: Instead of a link, where nobody could sign in with one.
NOBODY = "nobody"


def prepare() -> None:
    """Bring the tables up to date, and style sheets and scripts to where they are served from."""
    call_command("migrate", interactive=False)
    call_command("collectstatic", interactive=False, verbosity=0)


def demo() -> None:
    """Make the demonstration, unless there is something already."""
    from veche.service.demo import is_empty

    if is_empty():
        call_command("demo")


def link() -> None:
    """Print a link that lets the first administrator in once; nothing where they have signed in before.

    Where there is no administrator yet, print `NOBODY`.
    """
    _print_link(newcomers_only=True)


def demo_link() -> None:
    """Print a link that lets the first administrator of the demonstration in once."""
    _print_link(newcomers_only=False)


def _print_link(*, newcomers_only: bool) -> None:
    from veche.service.accounts.login import one_time_link
    from veche.service.accounts.models import Role, RoleName

    roles = Role.objects.filter(role=RoleName.ADMINISTRATOR, user__is_active=True).select_related("user")
    first = roles.order_by("valid_from", "pk").first()
    if first is None:
        sys.stdout.write(NOBODY + "\n")
    elif not (newcomers_only and first.user.last_login):
        sys.stdout.write(one_time_link(first.user) + "\n")


#: What can be asked for.
STEPS: dict[str, Callable[[], None]] = {
    "prepare": prepare,
    "demo": demo,
    "link": link,
    "demo-link": demo_link,
}

if __name__ == "__main__":
    django.setup()
    try:
        STEPS[sys.argv[1]]()
    except (InterfaceError, OperationalError):
        traceback.print_exc()
        sys.exit(os.EX_TEMPFAIL)
