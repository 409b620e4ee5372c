"""For whom a transaction acts. Outside of these, a query on any table of a tenant returns nothing."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import connection, transaction

from veche.service.accounts.models import User


@contextmanager
def acting(user: User) -> Iterator[None]:
    """Open a transaction that sees and changes what this person may, by the roles that are valid now."""
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            cursor.execute("SELECT veche_enter(%s)", [user.pk])
        yield


@contextmanager
def working(*tenants: UUID) -> Iterator[None]:
    """Open a transaction of a machine that works in these tenants and in no other."""
    with transaction.atomic(durable=True):
        enter_tenants(tenants)
        yield


def enter_tenants(tenants: Iterable[UUID]) -> None:
    """Let the rest of the transaction work in these tenants instead of those before."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT veche_enter_machine(%s)", [list(tenants)])
