"""Cubes of what people may see, shared by people with the same rights and kept in step with the database.

A cube is read through the walls, in the transaction of the person who asks first, and belongs to what that
transaction may read (its scope). Whoever asks later, with the same rights, gets it after what was changed
since has been read again: `inbox_appeal.changed` names the transaction that changed a row last, and a
snapshot tells which transactions were over when it was taken. So nothing that is committed late is missed,
and nothing is read twice. What a transaction has changed itself and not committed yet is seen by it alone.

Nothing deletes a row of `inbox_appeal`; what is erased or withdrawn changes its state.
"""

import gc
from collections import OrderedDict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import NamedTuple
from uuid import UUID

import numpy as np
from django.db import connection
from django.db.models import Q
from django.utils import timezone

from veche.service.accounts.access import Reach, reach
from veche.service.accounts.models import Delegation, Tenant, User
from veche.service.accounts.policy import Grant
from veche.service.board.cube import ID, Cube
from veche.service.board.reading import read_all, read_some
from veche.service.board.rows import Log

#: Bytes of all cubes of a process, beside the largest; those that were asked for last stay.
MOST_BYTES = 400 * 1024 * 1024
#: So many changed appeals are read one by one; where more have changed, all are read anew.
MOST_CHANGED = 100_000

_SCOPE = """
SELECT current_setting('veche.reads', true), current_setting('veche.partly', true),
    current_setting('veche.narrow', true), current_setting('veche.lent', true),
    pg_current_snapshot()::text, pg_current_xact_id_if_assigned()::text
"""
_CHANGED = "SELECT appeal_id, own FROM veche_changed(%s::pg_snapshot, %s)"


class _State(NamedTuple):
    cube: Cube
    #: What `cube` has in it: all that was committed before this snapshot.
    snapshot: str


@dataclass
class _Scope:
    """The cube of one scope, and the columns that it grows in."""

    work: Lock = field(default_factory=Lock)
    log: Log = field(default_factory=Log)
    state: _State | None = None
    #: The same cube, narrowed to where an action may be done.
    narrowed: tuple[Cube | None, dict[Hashable, Cube]] = (None, {})


_scopes: OrderedDict[Hashable, _Scope] = OrderedDict()
_list = Lock()


def cube_of(user: User, action: str = "appeal.list") -> Cube:
    """Return the appeals that a person may do `action` with, as of this transaction, within `acting` of them.

    Whoever shows counts asks for "picture.see".
    """
    key, snapshot = _asked()
    scope = _scope_of(key)
    cube = _fresh(scope, snapshot)
    _forget_some(key)
    return _open_to(scope, cube, reach(user, action))


def forget() -> None:
    """Forget all cubes."""
    with _list:
        _scopes.clear()


def _asked() -> tuple[Hashable, str]:
    """Return what this transaction may read, and which transactions were over when it asked."""
    with connection.cursor() as cursor:
        cursor.execute(_SCOPE)
        [(*settings, snapshot, own)] = cursor.fetchall()
    return (connection.settings_dict["NAME"], *settings), hiding(snapshot, own)


def hiding(snapshot: str, own: str | None) -> str:
    """Return a snapshot (as PostgreSQL writes them) to which the transaction that took it is not over.

    To itself a transaction is: but what it changes later others see only when it has ended.
    """
    if own is None:
        return snapshot
    least, most, running = snapshot.split(":")
    others = {int(x) for x in running.split(",") if x}
    shown = others | ({int(own)} if int(own) < int(most) else set())
    return f"{min(int(least), int(own))}:{most}:{','.join(str(x) for x in sorted(shown))}"


def _scope_of(key: Hashable) -> _Scope:
    with _list:
        scope = _scopes.setdefault(key, _Scope())
        _scopes.move_to_end(key)
        return scope


def _forget_some(key: Hashable) -> None:
    with _list:
        spare = MOST_BYTES
        for other, scope in reversed(list(_scopes.items())):
            spare -= scope.state.cube.nbytes if scope.state else 0
            if spare < 0 and other != key:
                del _scopes[other]


def _fresh(scope: _Scope, snapshot: str) -> Cube:
    """Return the cube of a scope with all that this transaction sees."""
    state = scope.state
    if state is None or _changed(state.snapshot):
        with scope.work:
            return _renewed(scope, snapshot)
    # Nobody waits for this: only the next look starts from here, unless somebody works on the scope.
    if scope.work.acquire(blocking=False):
        try:
            if scope.state is state:
                scope.state = _State(state.cube, snapshot)
        finally:
            scope.work.release()
    return state.cube


def _renewed(scope: _Scope, snapshot: str) -> Cube:
    state = scope.state
    changed = _changed(state.snapshot if state else snapshot)
    if state is not None and not changed:
        return state.cube
    own = any(changed.values())
    if state is None or len(changed) > MOST_CHANGED:
        log = Log()
        cube = log.filled(read_all(log.dictionaries))
        # What lasts from here on (packs, code, columns) is looked through by no collection of garbage: each
        # took 0.2 s, every tenth page or so.
        gc.collect()
        gc.freeze()
    else:
        log = scope.log
        gone = state.cube.find(np.array([id.bytes for id in changed], ID), state.cube.alive)
        rows = read_some(log.dictionaries, list(changed))
        cube = log.renewed(state.cube, gone[gone >= 0], rows, apart=own)
    if not own:
        scope.log, scope.state = log, _State(cube, snapshot)
    return cube


def _changed(since: str) -> dict[UUID, bool]:
    """Return the appeals of the scope that were changed since a snapshot; True where this transaction did."""
    with connection.cursor() as cursor:
        cursor.execute(_CHANGED, [since, MOST_CHANGED + 1])
        return dict(cursor.fetchall())


def _open_to(scope: _Scope, cube: Cube, where: Reach) -> Cube:
    """Return a cube with no rows open but those that are reached, whatever the walls let through."""
    lent = lent_to(where)
    key = (frozenset(where.tenants), frozenset(where.parts), lent)
    of, narrowed = scope.narrowed
    if of is not cube:
        narrowed = {}
        scope.narrowed = (cube, narrowed)
    found = narrowed.get(key)
    if found is None:
        found = narrowed[key] = cube.seen(_reached(cube, where, lent))
    return found


def _reached(cube: Cube, where: Reach, lent: frozenset[UUID]) -> np.ndarray:
    tenants = [*where.tenants, *(grant.tenant for grant in where.parts)]
    slugs = dict(Tenant.objects.filter(pk__in=tenants).values_list("pk", "slug"))
    mask = _of_tenants(cube, [slugs[tenant] for tenant in where.tenants if tenant in slugs])
    for grant in where.parts:
        mask |= _of_tenants(cube, [slugs[grant.tenant]]) & _within(cube, grant)
    borrowed = cube.at(lent)
    mask[borrowed[borrowed >= 0]] = True
    return mask


def _of_tenants(cube: Cube, slugs: Sequence[str]) -> np.ndarray:
    column = cube.columns["tenant"]
    return column.dictionary.fit(slugs)[column.codes]


def _within(cube: Cube, grant: Grant) -> np.ndarray:
    """Return which rows lie within what a role is narrowed to; the same test as that of the walls."""
    mask = np.ones(len(cube), bool)
    for key, wanted in (("territory", grant.territory), ("body", grant.body)):
        if wanted:
            column = cube.columns[key]
            inside = [
                value == wanted or (key == "territory" and value.startswith(wanted + "/"))
                for value in list(column.dictionary.values)
            ]
            mask &= np.array(inside, bool)[column.codes]
    return mask


def lent_to(where: Reach) -> frozenset[UUID]:
    """Return the appeals that other authorities have lent to those that are reached."""
    if not where.borrowers:
        return frozenset()
    now = timezone.now()
    loans = Delegation.objects.filter(to_tenant__in=where.borrowers, valid_from__lte=now)
    return frozenset(loans.filter(Q(valid_to=None) | Q(valid_to__gt=now)).values_list("appeal_id", flat=True))
