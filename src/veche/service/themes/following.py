"""New appeals join themes as they come, and what is new is told (`veche.themes.following`).

Every appeal that is understood waits in `themes_waiting` (a trigger puts it there) until this has placed
it: some hundreds in one transaction, a few seconds after they came. The memory of what was said lately is
numbers and hashes (`remembering`). An appeal leaves the queue for good when the memory's file knows it, so
after a crash it is read once more; what an erasure takes is forgotten with the next step.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from veche.packs import load_pack
from veche.packs.model import Pack
from veche.service.accounts.acting import working
from veche.service.accounts.models import Tenant
from veche.service.desk.words import pack_of
from veche.service.inbox.models import AppealText
from veche.service.ledger.append import append
from veche.service.live import tell
from veche.service.themes.models import (
    LONGEST_NAME,
    Following,
    Member,
    Quotation,
    Theme,
    ThemeState,
    Work,
    WorkState,
)
from veche.service.themes.remembering import (
    STEP,
    WAITING,
    Keeper,
    chunk_of,
    fetch,
    hashes_of,
    hold,
    keep,
    learn,
    run,
    state_of,
)
from veche.service.themes.writing import lock, place
from veche.themes.following import News, forget_in
from veche.themes.naming import name_from
from veche.themes.passages import passages

#: Quotations of a theme that was just told, until its digest is made.
_QUOTED = 3

#: How the ledger names who tells of new themes.
ACTOR = "themes.follow"

_PLACED = "UPDATE themes_waiting SET placed = true WHERE appeal_id = ANY(%s)"
_NOT_TO_FOLLOW = """
DELETE FROM themes_waiting w WHERE w.tenant_id = %s AND NOT w.placed
  AND NOT EXISTS (SELECT FROM inbox_appeal a WHERE a.id = w.appeal_id AND a.state = 'understood')
"""
_FORGOTTEN = "DELETE FROM themes_forgotten WHERE tenant_id = %s RETURNING text_hash"
_GREW = """
UPDATE themes_theme t SET size = greatest(t.size + g.n, 0), last_seen = greatest(t.last_seen, g.last)
FROM unnest(%s::uuid[], %s::integer[], %s::date[]) AS g (id, n, last) WHERE t.id = g.id
"""


def waiting() -> list[UUID]:
    """Return the tenants where appeals wait to be followed, or texts to be forgotten."""
    return [row[0] for row in fetch("SELECT * FROM veche_themes_waiting()", [])]


def follow(keeper: Keeper, tenant_id: UUID) -> int:
    """Place the next appeals that wait; return how many that were."""
    name = Tenant.objects.get(pk=tenant_id).pack
    pack = pack_of(name) or load_pack(name)
    try:
        with working(tenant_id):
            placed, forgot = _step(keeper, tenant_id, pack)
    except BaseException:
        # What is held may be ahead of what was written.
        keeper.held.pop(tenant_id, None)
        raise
    if forgot:
        keep(keeper, tenant_id)
    return placed


def _step(keeper: Keeper, tenant_id: UUID, pack: Pack) -> tuple[int, bool]:
    """Do one step; return how many appeals were placed, and whether a text was forgotten."""
    lock(tenant_id)
    if Work.objects.filter(pk=tenant_id, state=WorkState.WRITING).exists():
        return 0, False
    state = state_of(tenant_id)
    held = hold(keeper, state, pack)
    gone = fetch(_FORGOTTEN, [tenant_id])
    if gone:
        forget_in(held.follower, hashes_of([row[0] for row in gone]))
    rows = fetch(WAITING, [tenant_id, False, None, None, STEP])
    if rows:
        themes = _Themes(tenant_id, state)
        learn(held.follower, themes.all)
        held.follower.next_number = max(held.follower.next_number, themes.work.next_number)
        _place(held.follower.add(chunk_of(rows)), rows, themes, pack)
        run(_PLACED, [[row[0] for row in rows]])
    else:
        run(_NOT_TO_FOLLOW, [tenant_id])
    if rows or gone:
        state.version += 1
        state.save(update_fields=["version", "aliases"])
        held.version, held.changed = state.version, True
    return len(rows), bool(gone)


class _Themes:
    """The themes of a tenant by the codes that the memory knows them by."""

    def __init__(self, tenant_id: UUID, state: Following) -> None:
        self.tenant_id = tenant_id
        self.work = Work.objects.select_for_update().get_or_create(
            pk=tenant_id, defaults={"state": WorkState.DONE}
        )[0]
        self._aliases: dict[str, str | None] = state.aliases
        self._by_id = {theme.pk: theme for theme in Theme.objects.filter(tenant=tenant_id)}
        self._by_code = {theme.code: theme for theme in self._by_id.values()}

    @property
    def all(self) -> Sequence[Theme]:
        """All themes, in the order of their codes."""
        return [self._by_code[code] for code in sorted(self._by_code)]

    def of(self, code: str | None) -> Theme | None:
        """Return the theme that an appeal with this code belongs to now."""
        if code in self._aliases:
            alias = self._aliases[code]
            theme = self._by_id.get(UUID(alias)) if alias else None
        else:
            theme = self._by_code.get(code or "")
        while theme is not None and theme.into_id is not None:
            theme = self._by_id.get(theme.into_id)
        return theme if theme is not None and theme.gone_at is None else None

    def add(self, news: News) -> Theme:
        """Return a new theme under a code that no other has."""
        theme = Theme(tenant_id=self.tenant_id, code=f"{news.code[0]}{self.work.next_number:03d}")
        self.work.next_number += 1
        self.work.save(update_fields=["next_number"])
        if theme.code != news.code:
            self._aliases[news.code] = str(theme.pk)
        self._by_id[theme.pk] = self._by_code[theme.code] = theme
        return theme


def _place(step: Any, rows: Sequence[tuple[Any, ...]], themes: _Themes, pack: Pack) -> None:
    """Write where appeals go, and tell what is new."""
    ids = [row[0] for row in rows]
    began = [(news, _begin(news, themes)) for news in step.news]
    of = {id: themes.of(code) for id, code in zip(ids, step.themes, strict=True)}
    strength = dict(zip(ids, step.strength.tolist(), strict=True))
    for news, theme in began:
        of |= {UUID(id): theme for id in news.members if id}
    for id in Member.objects.filter(pk__in=list(of), by_person=True).values_list("pk", flat=True):
        del of[id]
    day = {row[0]: row[4].date() for row in rows}
    _join(themes.tenant_id, of, strength, day, pack)


def _begin(news: News, themes: _Themes) -> Theme:
    """Make a theme of something new, and tell of it."""
    theme = themes.add(news)
    ids = [UUID(id) for id in news.members if id]
    texts = dict(AppealText.objects.filter(pk__in=ids).values_list("pk", "text"))
    said = [(id, texts[id]) for id in ids if id in texts]
    now = datetime.now(UTC)
    quoted = name_from(said[0][1]) if said and said[0][1].strip() else ""
    theme.kind = news.kind
    theme.name = (news.name or ", ".join(news.keywords[:3]) or quoted)[:LONGEST_NAME]
    theme.words = [word[:100] for word in news.keywords]
    theme.told_at = theme.found_at = now
    since = datetime.fromtimestamp(news.since / 1e6, UTC) if news.since is not None else now
    theme.since = theme.last_seen = since.date()
    theme.renew = True
    theme.save(force_insert=True)
    found = zip(said, passages([text for _, text in said[: 10 * _QUOTED]]), strict=False)
    chosen = [(id, passage) for (id, _), passage in found if passage][:_QUOTED]
    Quotation.objects.bulk_create(
        Quotation(tenant_id=theme.tenant_id, theme=theme, appeal_id=id, place=i, text=passage)
        for i, (id, passage) in enumerate(chosen)
    )
    facts = {"size": news.size, "voices": news.voices, "kind": news.kind}
    append(theme.tenant_id, "theme.new", actor=ACTOR, object=f"theme:{theme.pk}", facts=facts)
    tell(theme.tenant_id, "theme", theme.pk)
    return theme


def _join(
    tenant_id: UUID,
    of: dict[UUID, Theme | None],
    strength: dict[UUID, float],
    day: dict[UUID, Any],
    pack: Pack,
) -> None:
    ids = sorted(of)
    before = dict(Member.objects.filter(pk__in=ids).values_list("pk", "theme"))
    dropped = [theme.pk for theme in of.values() if theme and theme.state == ThemeState.DROPPED]
    columns = [
        ids,
        [(theme := of[id]) and theme.pk for id in ids],
        [None] * len(ids),
        [strength.get(id, 0.5) for id in ids],
    ]
    place(tenant_id, columns, dropped=dropped, pack_version=pack.version)
    grew: Counter[UUID] = Counter()
    last: dict[UUID, Any] = {}
    for id in ids:
        theme = of[id]
        if id in before:
            grew[before[id]] -= 1
        if theme is not None:
            grew[theme.pk] += 1
            if id in day:
                last[theme.pk] = max(last.get(theme.pk, day[id]), day[id])
    changed = sorted(grew)
    if changed:
        run(_GREW, [changed, [grew[id] for id in changed], [last.get(id) for id in changed]])
