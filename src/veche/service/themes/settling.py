"""What people decided holds in the themes that a search finds anew.

Themes keep their code where most of their texts are the same (`veche.themes.following.identity`). A theme
about which a person decided goes on: what the search made of it joins it again, and where nothing did, its
appeals stay in it. What a person put together stays together, and an appeal that a person placed stays where
it was placed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import numpy as np
import pyarrow as pa
from django.db import connection

from veche.packs.model import Pack
from veche.service.themes.material import Laid, rows_of
from veche.service.themes.models import Theme, ThemeState
from veche.stages.vectors import encode
from veche.themes.assemble import RARE_CODE
from veche.themes.batches import blocks
from veche.themes.following import Memory, changes_between, remember, with_kept_codes
from veche.themes.following.identity import likeness, origins
from veche.themes.result import ASSIGNMENTS, THEMES, Themes
from veche.themes.signoff.decisions import Decision, Decisions
from veche.themes.signoff.outcome import outcome
from veche.themes.signoff.regroup import Regrouping, Tools, regroup

_MEMBERS = "SELECT m.appeal_id, m.theme_id, m.by_person FROM themes_member m WHERE m.tenant_id = %s"


@dataclass(frozen=True)
class Before:
    """The themes of an authority before a search, and where each appeal that was laid out is in them.

    `merged` are those that others were merged into. `place` int32 [appeals]: the number in `themes`, -1 for
    none; `by_person` bool [appeals]. `acts` and `next_number` are those of `Work` at that moment.
    """

    themes: Sequence[Theme]
    merged: frozenset[UUID]
    place: np.ndarray
    by_person: np.ndarray
    next_number: int
    acts: int


def read_before(tenant_id: UUID, laid: Laid, *, next_number: int, acts: int) -> Before:
    """Read the themes that are shown, the dropped ones among them, within `working` of the tenant."""
    themes = list(Theme.objects.filter(tenant=tenant_id, into=None, gone_at=None).order_by("code"))
    merged = Theme.objects.filter(tenant=tenant_id).exclude(into=None).values_list("into", flat=True)
    number = {theme.pk: i for i, theme in enumerate(themes)}
    place = np.full(len(laid), -1, np.int32)
    by_person = np.zeros(len(laid), bool)
    with connection.chunked_cursor() as cursor:
        cursor.execute(_MEMBERS, [tenant_id])
        while rows := cursor.fetchmany(50_000):
            at = rows_of(laid, pa.array([str(row[0]) for row in rows], pa.string()))
            theme = np.array([number.get(row[1], -1) for row in rows], np.int32)
            person = np.array([row[2] for row in rows], bool)
            known = at >= 0
            place[at[known]], by_person[at[known]] = theme[known], person[known]
    return Before(themes, frozenset(merged), place, by_person, next_number, acts)


def settle(found: Themes, laid: Laid, before: Before, *, pack: Pack, seed: int, threads: int) -> Themes:
    """Return what was found under the codes of before, as people decided it."""
    named = {theme.code: theme.name for theme in before.themes if theme.named}
    old = _remembered(laid, before)
    changes = changes_between(old, remember(laid.folder, found), named=named)
    kept = with_kept_codes(found, changes, named=named)
    with blocks(threads) as pool:
        tools = Tools(pack, lambda texts: encode(texts, threads=1), pool, seed)
        state = Regrouping(kept, laid.parts, tools)
        _hold(state, before, old, changes.memory)
        return kept if np.array_equal(state.place, state.began) else outcome(state, Decisions({}))


def _hold(state: Regrouping, before: Before, old: Memory, new: Memory) -> None:
    """Bring the appeals of themes that people decided about back into them."""
    codes, goes_on = new.codes.tolist(), origins(likeness(old, new))
    joining: dict[str, Decision] = {}
    for number, theme in enumerate(before.themes):
        is_one = theme.pinned or theme.pk in before.merged or theme.state == ThemeState.DROPPED
        if theme.says_nothing or not (theme.touched or is_one):
            continue
        at = old.codes.tolist().index(theme.code)
        mine = [code for code, origin in zip(codes, goes_on.tolist(), strict=True) if origin == at]
        if not mine:
            state.place[before.place == number] = state.number(theme.code)
        elif is_one or theme.code not in mine:
            parts = mine if is_one else mine[:1]
            joining |= {code: Decision(into=theme.code) for code in parts if code != theme.code}
    if joining:
        regroup(state, Decisions(joining))
    for number, theme in enumerate(before.themes):
        stays = (before.place == number) & (before.by_person | (theme.pk in before.merged))
        if stays.any():
            state.place[stays] = state.number(theme.code)


def _remembered(laid: Laid, before: Before) -> Memory:
    """The themes of before, in the appeals that there are now."""
    codes = [theme.code for theme in before.themes]
    listed = pa.array([*codes, RARE_CODE], pa.string())
    theme = listed.take(pa.array(before.place % (len(codes) + 1)))
    rows = [
        {"theme": t.code, "name": t.name, "size": t.size, "says_nothing": t.says_nothing}
        for t in before.themes
    ]
    themes = Themes(
        assignments=assignments(laid, theme),
        table=pa.Table.from_pylist(rows, THEMES),
        digests={},
    )
    found = remember(laid.folder, themes)
    return replace(found, next_number=max(found.next_number, before.next_number))


def assignments(laid: Laid, theme: pa.Array) -> pa.Table:
    """Return a table of places without subthemes, all of full strength."""
    n = len(laid)
    columns = [laid.ids, theme, pa.nulls(n, pa.string()), pa.array(np.ones(n, np.float32))]
    return pa.table(columns, schema=ASSIGNMENTS)
