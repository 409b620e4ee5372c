"""A person names, merges, splits by example, pins, drops and signs themes, and takes a decision back.

Whatever moves appeals is set-based, and remembers where each was. The findings of a person stand beside
those of the machine and outrank them; those of a decision that was taken back are not in force. Each
decision is one entry of the ledger. It holds in later searches (`settling`).
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from veche.core.errors import (
    CannotTakeBack,
    NameOfAnother,
    NameWanted,
    NoPlaceToMerge,
    ThemeChanged,
    ThemesBeingWritten,
)
from veche.service.accounts.acting import enter_tenants
from veche.service.accounts.models import User
from veche.service.ledger.append import append
from veche.service.live import tell
from veche.service.themes.access import access_theme
from veche.service.themes.models import LONGEST_NAME, Act, Member, Theme, ThemeState, Work, WorkState
from veche.service.themes.splitting import MOST_EXAMPLES, leaving, name_of
from veche.service.themes.writing import lock

#: What `before` of an act holds, by kind.
_FIELDS = ("name", "named", "state", "pinned", "signed_at", "signed_by_id")

_KEEP = """
INSERT INTO themes_moved (act_id, appeal_id, tenant_id, theme_id, strength, sub, by_person)
SELECT %s, m.appeal_id, m.tenant_id, m.theme_id, m.strength, m.sub, m.by_person FROM themes_member m
WHERE m.theme_id = %s AND (%s::uuid[] IS NULL OR m.appeal_id = ANY (%s::uuid[]))
"""
_MOVE = """
UPDATE themes_member m SET theme_id = %s, sub = NULL FROM themes_moved b
WHERE b.act_id = %s AND m.appeal_id = b.appeal_id
"""
_SHOW = """
UPDATE inbox_appeal a SET theme = %s FROM themes_moved b WHERE b.act_id = %s AND a.id = b.appeal_id
  AND a.state = 'understood'
"""
_FIND = """
INSERT INTO inbox_finding (made_at, id, tenant_id, appeal_id, matter, facet, rank, value, confidence,
    evidence, maker_kind, maker, maker_version, pack_version, decision)
SELECT %s, gen_random_uuid(), b.tenant_id, b.appeal_id, 0, 'theme', 0, %s, 1, '[]', 'person', %s, '', '',
    b.act_id
FROM themes_moved b WHERE b.act_id = %s
"""
_BACK = """
UPDATE themes_member m SET theme_id = b.theme_id, sub = b.sub, by_person = b.by_person FROM themes_moved b
WHERE b.act_id = %s AND m.appeal_id = b.appeal_id
"""
_SHOW_BACK = """
UPDATE inbox_appeal a SET theme = m.theme_id
FROM themes_moved b JOIN themes_member m ON m.appeal_id = b.appeal_id
WHERE b.act_id = %s AND a.id = b.appeal_id AND a.state = 'understood'
"""
# Whoever joined a dropped theme meanwhile is shown in it too.
_SHOW_ALL = """
UPDATE inbox_appeal a SET theme = m.theme_id FROM themes_member m
WHERE m.theme_id = %s AND a.id = m.appeal_id AND a.theme IS NULL AND a.state = 'understood'
"""
# Whoever joined the part meanwhile goes where the part came from.
_REST = "UPDATE themes_member SET theme_id = %s, sub = NULL WHERE theme_id = %s"
_REST_SHOWN = "UPDATE inbox_appeal SET theme = %s WHERE theme = %s"
_COUNT = """
UPDATE themes_theme t SET size = (SELECT count(*) FROM themes_member m WHERE m.theme_id = t.id)
WHERE t.id = ANY (%s)
"""


def rename(user: User, key: UUID, version: int, name: str) -> Act:
    """Give a theme a name.

    Raises:
        NotYours: there is no such theme, or this person may not decide about it.
        ThemeChanged: it was changed since `version` was shown.
        ThemesBeingWritten: a search is writing; both hold for all that follow.
        NameWanted, NameOfAnother: the name does not do.
    """
    theme = _begin(user, key, version)
    called = " ".join(name.split())
    if not 1 <= len(called) <= LONGEST_NAME or "\x00" in called:
        raise NameWanted(longest=LONGEST_NAME)
    _check_free(theme, called)
    return _done(user, theme, "rename", {"name": called, "named": True})


def sign(user: User, key: UUID, version: int) -> Act:
    """Sign a theme off: its name, its appeals and its quotations are right."""
    theme = _begin(user, key, version)
    given = {"state": ThemeState.SIGNED, "signed_at": timezone.now(), "signed_by_id": user.pk}
    return _done(user, theme, "sign", given)


def pin(user: User, key: UUID, version: int) -> Act:
    """Let a theme stay in later searches, whatever they find; or no longer, where it is pinned."""
    theme = _begin(user, key, version)
    return _done(user, theme, "unpin" if theme.pinned else "pin", {"pinned": not theme.pinned})


def drop(user: User, key: UUID, version: int) -> Act:
    """Set a theme aside that is none; its appeals are in no theme then."""
    theme = _begin(user, key, version)
    if theme.state == ThemeState.DROPPED:
        raise ThemeChanged

    def move(act: Act) -> int:
        _run(_KEEP, [act.pk, theme.pk, None, None])
        _run(_SHOW, [None, act.pk])
        return _find(act, None, user)

    return _done(user, theme, "drop", {"state": ThemeState.DROPPED}, move=move)


def merge(user: User, key: UUID, version: int, into: UUID) -> Act:
    """Let the appeals of a theme join another one.

    Raises:
        NoPlaceToMerge: that is no theme to join.
    """
    theme = _begin(user, key, version)
    target = Theme.objects.select_for_update().filter(pk=into, tenant=theme.tenant_id).first()
    if target is None or target.pk == theme.pk or not target.shown or target.state == ThemeState.DROPPED:
        raise NoPlaceToMerge

    def move(act: Act) -> int:
        _run(_KEEP, [act.pk, theme.pk, None, None])
        _run(_MOVE, [target.pk, act.pk])
        _run(_SHOW, [target.pk, act.pk])
        return _find(act, target.pk, user)

    act = _done(user, theme, "merge", {"into_id": target.pk}, other=target, move=move)
    Theme.objects.filter(into=theme.pk).update(into=target.pk)
    _renew(target)
    return act


def split(
    user: User, key: UUID, version: int, *, belong: Sequence[UUID], stay: Sequence[UUID] = (), name: str = ""
) -> Act:
    """Part a theme by examples: what is near the appeals `belong` becomes a theme of its own, and what is
    nearer to the appeals `stay` does not; the picked ones themselves go where the person said.

    Raises:
        SplitNeedsExamples: none that lies in the theme was picked.
        SplitTakesAll: nothing would be left.
        TooLargeToSplit: the theme is too large to be compared while a person waits.

    """
    theme = _begin(user, key, version)
    called = " ".join(name.split())[:LONGEST_NAME]
    if called:
        _check_free(theme, called)
    going = leaving(theme, list(belong)[:MOST_EXAMPLES], list(stay)[:MOST_EXAMPLES])
    work = Work.objects.get(pk=theme.tenant_id)
    new = Theme(tenant_id=theme.tenant_id, code=f"t{work.next_number:03d}", part_of=theme, renew=True)
    new.name, new.named = called or name_of(theme, going), bool(called)
    new.share, new.since, new.last_seen = theme.share, theme.since, theme.last_seen
    new.found_at = timezone.now()
    new.save(force_insert=True)
    Work.objects.filter(pk=theme.tenant_id).update(next_number=work.next_number + 1)

    def move(act: Act) -> int:
        _run(_KEEP, [act.pk, theme.pk, going, going])
        _run(_MOVE, [new.pk, act.pk])
        _run(_SHOW, [new.pk, act.pk])
        Member.objects.filter(pk__in=[*belong, *stay], theme__in=[theme.pk, new.pk]).update(by_person=True)
        return _find(act, new.pk, user)

    act = _done(user, theme, "split", {"renew": True}, other=new, move=move)
    _renew(new)
    return act


def undo(user: User, key: UUID) -> Act:
    """Take a decision back: everything is as it was before, but what the ledger holds.

    Raises:
        NotYours: there is no such decision, or this person may not decide about its theme.
        CannotTakeBack: it was taken back already, or another decision about its themes came after it.
        ThemesBeingWritten: a search is writing.
    """
    found = Act.objects.filter(pk=key).first()
    theme = access_theme(user, found.theme_id if found else key, "theme.sign")
    assert found is not None
    theme = _enter(theme)
    act = Act.objects.select_for_update().get(pk=key)
    if act.undone_at is not None or _later(act):
        raise CannotTakeBack
    for name, value in act.before.items():
        setattr(theme, name, parse_datetime(value) if name == "signed_at" and value else value)
    _run(_BACK, [act.pk])
    if act.moved:
        _run(_SHOW_BACK, [act.pk])
    if act.kind == "drop":
        _run(_SHOW_ALL, [theme.pk])
    elif act.kind == "split":
        _run(_REST, [theme.pk, act.other_id])
        _run(_REST_SHOWN, [theme.pk, act.other_id])
        Theme.objects.filter(pk=act.other_id).update(gone_at=timezone.now())
        theme.renew = True
    elif act.kind == "merge":
        theme.into = None
        Theme.objects.filter(pk__in=[act.other_id]).update(renew=True)
    theme.version += 1
    theme.save()
    _run(_COUNT, [[act.theme_id, *([act.other_id] if act.other_id else [])]])
    act.undone_at, act.undone_by = timezone.now(), user
    act.save()
    Work.objects.filter(pk=theme.tenant_id).update(acts=_next_act(theme.tenant_id))
    facts = {"what": act.kind, "decision": act.pk}
    append(theme.tenant_id, "theme.undone", actor=f"user:{user.pk}", object=f"theme:{theme.pk}", facts=facts)
    _tell(act)
    return act


def _begin(user: User, key: UUID, version: int) -> Theme:
    """Return the theme to decide about, locked, within a transaction that may change all of the tenant."""
    theme = _enter(access_theme(user, key, "theme.sign"))
    if theme.version != version or not theme.shown:
        raise ThemeChanged
    return theme


def _enter(theme: Theme) -> Theme:
    # An analyst decides about themes and changes no appeal as a person: from here on the machine does.
    enter_tenants([theme.tenant_id])
    lock(theme.tenant_id)
    Work.objects.get_or_create(pk=theme.tenant_id, defaults={"state": WorkState.DONE})
    if Work.objects.select_for_update().get(pk=theme.tenant_id).state == WorkState.WRITING:
        raise ThemesBeingWritten
    return Theme.objects.select_for_update().get(pk=theme.pk)


def _check_free(theme: Theme, name: str) -> None:
    others = Theme.objects.filter(tenant=theme.tenant_id, into=None, gone_at=None, name__iexact=name)
    if others.exclude(pk=theme.pk).exclude(state=ThemeState.DROPPED).exists():
        raise NameOfAnother(name=name)


def _done(
    user: User,
    theme: Theme,
    kind: str,
    given: Mapping[str, Any],
    *,
    other: Theme | None = None,
    move: Callable[[Act], int] = lambda _act: 0,
) -> Act:
    """Record a decision and do it."""
    before = {name: _plain(getattr(theme, name)) for name in _FIELDS}
    act = Act.objects.create(
        tenant_id=theme.tenant_id,
        theme=theme,
        other=other,
        kind=kind,
        by=user,
        at=timezone.now(),
        before=before,
    )
    for name, value in given.items():
        setattr(theme, name, value)
    theme.version += 1
    theme.save()
    act.moved = move(act)
    if act.moved:
        act.save(update_fields=["moved"])
    if other is not None:
        _run(_COUNT, [[theme.pk, other.pk]])
    Work.objects.filter(pk=theme.tenant_id).update(acts=_next_act(theme.tenant_id))
    facts: dict[str, Any] = {"what": kind, "decision": act.pk, "moved": act.moved}
    if other is not None:
        facts["other"] = other.pk
    append(theme.tenant_id, "theme.decided", actor=f"user:{user.pk}", object=f"theme:{theme.pk}", facts=facts)
    _tell(act)
    return act


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


def _next_act(tenant_id: UUID) -> int:
    return Work.objects.get(pk=tenant_id).acts + 1


def _find(act: Act, theme: UUID | None, user: User) -> int:
    """Add the person's finding for each appeal that moved; return how many those are."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT veche_finding_month(%s)", [act.at])
        cursor.execute(_FIND, [act.at, theme and str(theme), f"user:{user.pk}", act.pk])
        return cursor.rowcount


def _renew(theme: Theme) -> None:
    theme.refresh_from_db()
    theme.renew = True
    theme.version += 1
    theme.save(update_fields=["renew", "version"])


def _later(act: Act) -> bool:
    """Whether a decision about the same themes came after an act and is in force."""
    mine = [act.theme_id, *([act.other_id] if act.other_id else [])]
    after = Act.objects.filter(tenant=act.tenant_id, at__gt=act.at, undone_at=None)
    return after.filter(theme__in=mine).exists() or after.filter(other__in=mine).exists()


def _tell(act: Act) -> None:
    for theme in [act.theme_id, *([act.other_id] if act.other_id else [])]:
        tell(act.tenant_id, "theme", theme)


def _run(statement: str, values: Sequence[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
