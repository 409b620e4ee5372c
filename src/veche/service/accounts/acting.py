"""For whom a transaction acts. Outside of these, a query on any table of a tenant returns nothing."""

from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar
from uuid import UUID

from django.db import connection, transaction

from veche.service.accounts.models import User

Found = TypeVar("Found")

#: What was looked up within `acting`; None outside of it.
_known: ContextVar[dict[Hashable, Any] | None] = ContextVar("known", default=None)


@contextmanager
def acting(user: User) -> Iterator[None]:
    """Open a transaction that sees and changes what this person may, by the roles that are valid now."""
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            cursor.execute("SELECT veche_enter(%s)", [user.pk])
        _known.set({})
        try:
            yield
        finally:
            _known.set(None)


def once(key: Hashable, look: Callable[[], Found]) -> Found:
    """Return what `look` finds; within `acting` it is looked up once, and stays as it was until the end."""
    known = _known.get()
    if known is None:
        return look()
    if key not in known:
        known[key] = look()
    return known[key]


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
