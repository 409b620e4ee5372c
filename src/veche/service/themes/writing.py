"""Writes what a search found: themes, their members, the column and the finding of each appeal that moved.

Themes come first, in one transaction, if nobody decided anything since the decisions were read. Then
members, a part of the appeals at a time, so that nobody who decides about an appeal waits long. What is
written twice changes nothing, so a search that was killed here is simply done again. A finding is added
only for an appeal whose theme is another one now: nothing is overwritten, and a nightly search of a million
appeals adds some thousands of rows instead of a million.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.db import connection

from veche.core.finding import FINDING
from veche.service.accounts.acting import working
from veche.service.inbox.save import save_findings
from veche.service.live import tell
from veche.service.themes.material import PART_ROWS, Laid
from veche.service.themes.models import LONGEST_NAME, Quotation, Theme, ThemeState, Work, WorkState
from veche.service.themes.settling import Before
from veche.service.vault.erase import note_derived
from veche.service.vault.models import Derived
from veche.themes import THEMES_VERSION
from veche.themes.result import Themes

FACET, MAKER = "theme", "themes"
#: What a certificate of erasure calls what has to be made anew.
_DERIVED = "themes"

_PLACE = """
WITH given AS MATERIALIZED (
    SELECT g.appeal, g.theme, g.sub, g.strength,
        CASE WHEN g.theme <> ALL (%s::uuid[]) THEN g.theme END AS shown
    FROM unnest(%s::uuid[], %s::uuid[], %s::smallint[], %s::float8[]) AS g (appeal, theme, sub, strength)
    JOIN inbox_appealtext t ON t.appeal_id = g.appeal
    JOIN inbox_appeal a ON a.id = g.appeal AND a.state = 'understood'
), gone AS (
    DELETE FROM themes_member m USING given g WHERE m.appeal_id = g.appeal AND g.theme IS NULL
), kept AS (
    INSERT INTO themes_member AS m (appeal_id, tenant_id, theme_id, sub, strength, by_person)
    SELECT g.appeal, %s, g.theme, g.sub, g.strength, false FROM given g WHERE g.theme IS NOT NULL
    ON CONFLICT (appeal_id) DO UPDATE
        SET theme_id = excluded.theme_id, sub = excluded.sub, strength = excluded.strength
        WHERE (m.theme_id, m.sub, m.strength)
            IS DISTINCT FROM (excluded.theme_id, excluded.sub, excluded.strength)
)
UPDATE inbox_appeal a SET theme = g.shown FROM given g
WHERE a.id = g.appeal AND a.theme IS DISTINCT FROM g.shown RETURNING a.id, g.shown, g.strength
"""
_QUOTE = """
INSERT INTO themes_quotation (tenant_id, theme_id, appeal_id, sub, side, place, text)
SELECT %s, q.theme, q.appeal, q.sub, q.side, q.place, q.text
FROM unnest(%s::uuid[], %s::uuid[], %s::smallint[], %s::text[], %s::smallint[], %s::text[])
    AS q (theme, appeal, sub, side, place, text)
JOIN inbox_appealtext t ON t.appeal_id = q.appeal
"""
_RECOUNT = """
UPDATE themes_theme t SET size = c.n FROM (
    SELECT h.id, count(m.appeal_id) AS n FROM themes_theme h LEFT JOIN themes_member m ON m.theme_id = h.id
    WHERE h.tenant_id = %s GROUP BY h.id
) AS c WHERE t.id = c.id AND t.size <> c.n
"""
# One that nobody decided about and that nothing lies in any more is found no more.
_GONE = """
UPDATE themes_theme SET gone_at = %s
WHERE tenant_id = %s AND gone_at IS NULL AND into_id IS NULL AND size = 0 AND state = 'found' AND NOT pinned
  AND NOT named AND part_of_id IS NULL
  AND NOT EXISTS (SELECT FROM themes_theme m WHERE m.into_id = themes_theme.id)
"""


@dataclass(frozen=True)
class Written:
    """The themes that were written, by code; those that are told as new; how many appeals moved."""

    themes: Mapping[str, Theme]
    new: Sequence[Theme]
    moved: int


def lock(tenant_id: UUID) -> None:
    """Let nobody else write themes of the tenant until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT veche_lock_themes(%s)", [tenant_id])


def write_themes(
    tenant_id: UUID,
    themes: Themes,
    audits: Mapping[str, Mapping[str, Any]],
    before: Before,
    *,
    next_number: int,
) -> tuple[dict[str, Theme], list[Theme]] | None:
    """Write the themes with their quotations; return them by code, and the new ones that are told.

    Nothing is written, and None returned, where people decided something since `before` was read.
    """
    now = datetime.now(UTC)
    with working(tenant_id):
        lock(tenant_id)
        work = Work.objects.select_for_update().get(pk=tenant_id)
        if work.acts != before.acts:
            return None
        work.state, work.next_number = WorkState.WRITING, max(work.next_number, next_number)
        work.save(update_fields=["state", "next_number"])
        first = not Theme.objects.filter(tenant=tenant_id).exists()
        known = {theme.code: theme for theme in Theme.objects.filter(tenant=tenant_id)}
        fit = _fits(themes)
        written, told = {}, []
        for entry in themes.digests["themes"]:
            code = entry["theme"]
            theme = known.get(code) or Theme(tenant_id=tenant_id, code=code)
            is_new = code not in known and entry["is_new"] and not first
            _describe(theme, entry, now=now)
            theme.fit, theme.audit, theme.gone_at = fit.get(code, 0.0), dict(audits.get(code, {})), None
            if is_new:
                theme.told_at = now
                told.append(theme)
            theme.save()
            written[code] = theme
        _quote(tenant_id, themes.digests["themes"], written)
        return written, told


def write_members(
    tenant_id: UUID,
    laid: Laid,
    themes: Themes,
    written: Mapping[str, Theme],
    *,
    pack_version: str,
    told: Callable[[int], None],
) -> int:
    """Give every appeal its place; return for how many that is another one than before."""
    dropped = [theme.pk for theme in written.values() if theme.state == ThemeState.DROPPED]
    moved = 0
    for start in range(0, len(laid), PART_ROWS):
        given = themes.assignments.slice(start, PART_ROWS).to_pydict()
        of = [written.get(code) for code in given["theme"]]
        columns = [
            [UUID(id) for id in given["appeal_id"]],
            [theme and theme.pk for theme in of],
            [sub_number(code) for code in given["subtheme"]],
            [float(strength) for strength in given["strength"]],
        ]
        with working(tenant_id):
            lock(tenant_id)
            moved += place(tenant_id, columns, dropped=dropped, pack_version=pack_version)
        told(start + len(of))
    return moved


def place(
    tenant_id: UUID, columns: Sequence[Sequence[Any]], *, dropped: Sequence[UUID], pack_version: str
) -> int:
    """Put appeals into themes, within `working` of the tenant and under `lock`; return how many moved.

    `columns` are ids of appeals, their themes (None for none), subthemes and strengths. An appeal whose
    text is gone meanwhile is left out. Of `dropped` themes the appeals stay members, but are shown in none.
    """
    with connection.cursor() as cursor:
        cursor.execute(_PLACE, [list(dropped), *map(list, columns), tenant_id])
        moved = cursor.fetchall()
        if moved:
            cursor.execute("SELECT veche_finding_month(now())")
    if moved:
        save_findings(_findings(moved, pack_version), tenant_id=tenant_id, now=datetime.now(UTC))
    return len(moved)


def finish(tenant_id: UUID) -> None:
    """Count the members, and let go of themes that are found no more, within `working` and under `lock`."""
    with connection.cursor() as cursor:
        cursor.execute(_RECOUNT, [tenant_id])
        cursor.execute(_GONE, [datetime.now(UTC), tenant_id])


def note_made(tenant_id: UUID) -> None:
    """Note for erasures that the themes were made of texts now; what was noted before is renewed by that."""
    now = datetime.now(UTC)
    Derived.objects.filter(tenant=tenant_id, kind=_DERIVED, renewed_at=None).update(renewed_at=now)
    shown = Theme.objects.filter(tenant=tenant_id, into=None, gone_at=None).count()
    note_derived(tenant_id, _DERIVED, str(shown))


def tell_new(themes: Sequence[Theme]) -> None:
    """Tell open pages of new themes."""
    for theme in themes:
        tell(theme.tenant_id, "theme", theme.pk)


def sub_number(code: str | None) -> int | None:
    """Return the number of a subtheme ("t001.02": 2)."""
    return int(code.rpartition(".")[2]) if code and "." in code else None


def redescribe(theme: Theme, entry: Mapping[str, Any]) -> None:
    """Write what was found out anew about a theme that stays as large as it is, with its quotations."""
    size, share = theme.size, theme.share
    _describe(theme, entry, now=datetime.now(UTC))
    theme.size, theme.share, theme.renew = size, share, False
    theme.version += 1
    theme.save()
    _quote(theme.tenant_id, [entry], {entry["theme"]: theme})


def _describe(theme: Theme, entry: Mapping[str, Any], *, now: datetime) -> None:
    if not theme.named:
        theme.name = entry["name"][:LONGEST_NAME]
    theme.words = [word[:100] for word in entry["keywords"]]
    theme.says_nothing = entry["says_nothing"]
    theme.size, theme.share = entry["size"], entry["share"]
    theme.topic = entry["topic"] or ""
    theme.since, theme.last_seen = _day(entry["first_seen"]), _day(entry["last_seen"])
    theme.positions = _positions(entry["positions"])
    theme.found_at, theme.renew = now, False
    theme.version = (theme.version or 0) + 1
    theme.digest = {
        "trend": [[step["date"], step["count"]] for step in entry["trend"]],
        "change": entry["change"],
        "is_new": entry["is_new"],
        "languages": list(entry["languages"].items()),
        "subthemes": [
            {"number": sub_number(sub["theme"]), "name": sub["name"], "size": sub["size"]}
            for sub in entry["subthemes"]
        ],
        "made_at": now.isoformat(timespec="seconds"),
    }


def _day(iso: str | None) -> date | None:
    return date.fromisoformat(iso) if iso else None


def _positions(found: Mapping[str, Any] | None) -> Any:
    if found is None:
        return None
    sides = [{"side": side["side"], "share": side["share"]} for side in found["sides"]]
    return {"mixed": found["mixed"], "neither": found["neither"], "sides": sides}


def _quote(tenant_id: UUID, entries: Sequence[Mapping[str, Any]], written: Mapping[str, Theme]) -> None:
    mine = [written[entry["theme"]].pk for entry in entries]
    Quotation.objects.filter(theme__in=mine).delete()
    rows = [row for entry in entries for row in _quotations(entry, written[entry["theme"]].pk)]
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(_QUOTE, [tenant_id, *(list(column) for column in zip(*rows, strict=True))])


def _quotations(entry: Mapping[str, Any], theme: UUID) -> Iterator[tuple[Any, ...]]:
    for i, quoted in enumerate(entry["quotations"]):
        yield theme, UUID(quoted["appeal_id"]), None, "", i, quoted["text"]
    for sub in entry["subthemes"]:
        for i, quoted in enumerate(sub["quotations"]):
            yield theme, UUID(quoted["appeal_id"]), sub_number(sub["theme"]), "", i, quoted["text"]
    for side in (entry["positions"] or {"sides": ()})["sides"]:
        for i, quoted in enumerate(side["quotations"]):
            yield theme, UUID(quoted["appeal_id"]), None, side["side"], i, quoted["text"]


def _fits(themes: Themes) -> dict[str, float]:
    """The mean strength of the appeals of each theme."""
    table = themes.assignments.group_by("theme").aggregate([("strength", "mean")])
    return dict(zip(table["theme"].to_pylist(), table["strength_mean"].to_pylist(), strict=True))


def _findings(moved: Sequence[tuple[UUID, UUID | None, float]], pack_version: str) -> pa.Table:
    n = len(moved)
    columns = {
        "appeal_id": [str(id) for id, _, _ in moved],
        "matter": [0] * n,
        "facet": [FACET] * n,
        "rank": [0] * n,
        "value": [str(theme) if theme else None for _, theme, _ in moved],
        "confidence": [strength if theme else None for _, theme, strength in moved],
        "evidence": [[]] * n,
        "maker": [MAKER] * n,
        "maker_version": [THEMES_VERSION] * n,
        "pack_version": [pack_version] * n,
    }
    return pa.table(columns, schema=FINDING)


def numbers_in(themes: Themes) -> np.ndarray:
    """Return the numbers of all codes of themes ("t017": 17)."""
    codes = pc.unique(themes.table["theme"]).to_pylist()
    return np.array([0, *(int(c[1:]) for c in codes if c[1:].isdecimal())], np.int64)
