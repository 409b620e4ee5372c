"""Makes anew what is said of single themes: after a merger, a split, an erasure, and when they are new.

Only their appeals are read, and some of the other themes so that a name tells one from the others; the
functions that describe changed themes after a sign-off (`veche.themes.signoff`) do the rest.
"""

import os
from collections.abc import Sequence
from uuid import UUID

import orjson
import pyarrow as pa
from django.db import connection

from veche.core.i18n import LANGUAGES, speaking
from veche.packs import load_pack
from veche.packs.model import Pack
from veche.service.accounts.acting import working
from veche.service.accounts.models import Tenant
from veche.service.live import tell
from veche.service.themes.auditing import audits
from veche.service.themes.finding import SEED
from veche.service.themes.material import Laid, lay_out, workplace
from veche.service.themes.models import Theme
from veche.service.themes.settling import assignments
from veche.service.themes.writing import lock, note_made, redescribe
from veche.stages.vectors import encode
from veche.themes.batches import blocks
from veche.themes.result import THEMES, Themes
from veche.themes.signoff.outcome import recoded
from veche.themes.signoff.regroup import CONTRAST, Regrouping, Tools, described

#: Appeals of one theme that are read, the clearest first, and themes that are described at once.
MOST_READ, AT_ONCE = 20_000, 20

_CHOSEN = """
SELECT m.appeal_id, m.theme_id FROM unnest(%s::uuid[], %s::integer[]) AS t (id, most)
CROSS JOIN LATERAL (
    SELECT appeal_id, theme_id FROM themes_member WHERE theme_id = t.id
    ORDER BY strength DESC, appeal_id LIMIT t.most
) AS m
"""


def to_renew() -> list[UUID]:
    """Return the tenants where something is to be described anew."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM veche_themes_to_renew()")
        return [row[0] for row in cursor.fetchall()]


def renew(tenant_id: UUID) -> int:
    """Describe anew what has to be; return how many themes were."""
    done = 0
    while changed := _describe_some(tenant_id):
        done += changed
    return done


def _describe_some(tenant_id: UUID) -> int:
    pack = load_pack(Tenant.objects.get(pk=tenant_id).pack)
    with working(tenant_id):
        shown = list(Theme.objects.filter(tenant=tenant_id, into=None, gone_at=None).order_by("code"))
        changed = [theme for theme in shown if theme.renew][:AT_ONCE]
        place = _chosen(shown, {theme.pk for theme in changed})
        seen = {theme.pk: theme.version for theme in changed}
    if not changed:
        return 0
    empty = [theme for theme in changed if theme.pk not in set(place.values()) or theme.says_nothing]
    full = [theme for theme in changed if theme not in empty]
    tag = pack.languages[0][:2]
    with workplace(tenant_id, "renewed") as folder, speaking(tag if tag in LANGUAGES else "en"):
        laid = lay_out(tenant_id, folder, only=sorted(place))
        found = _described(laid, shown, full, place, pack) if full and len(laid) else None
        audited = dict(audits(laid, found, pack=pack, seed=SEED)) if found else {}
    entries = {entry["theme"]: entry for entry in found.digests["themes"]} if found else {}
    with working(tenant_id):
        lock(tenant_id)
        for theme in Theme.objects.select_for_update().filter(pk__in=list(seen)):
            if theme.version != seen[theme.pk]:
                continue
            if theme.code in entries:
                theme.audit = audited.get(theme.code, {})
                redescribe(theme, orjson.loads(orjson.dumps(entries[theme.code])))
            else:
                theme.renew = False
                theme.save(update_fields=["renew"])
            tell(tenant_id, "theme", theme.pk)
        if not Theme.objects.filter(tenant=tenant_id, renew=True, into=None, gone_at=None).exists():
            note_made(tenant_id)
    return len(changed)


def _chosen(shown: Sequence[Theme], changed: set[UUID]) -> dict[UUID, UUID]:
    """The theme of each appeal that is read."""
    most = [MOST_READ if theme.pk in changed else CONTRAST for theme in shown]
    with connection.cursor() as cursor:
        cursor.execute(_CHOSEN, [[theme.pk for theme in shown], most])
        return dict(cursor.fetchall())


def _described(
    laid: Laid, shown: Sequence[Theme], changed: Sequence[Theme], place: dict[UUID, UUID], pack: Pack
) -> Themes:
    code = {theme.pk: theme.code for theme in shown}
    of = [code[place[UUID(id)]] for id in laid.ids.to_pylist()]
    machine = Themes(
        assignments=assignments(laid, pa.array(of, pa.string())),
        table=pa.Table.from_pylist([], THEMES),
        digests={"themes": [{"theme": t.code, "says_nothing": t.says_nothing} for t in shown]},
    )
    with blocks(os.cpu_count() or 1) as pool:
        tools = Tools(pack, lambda texts: encode(texts, threads=1), pool, SEED)
        state = Regrouping(machine, laid.parts, tools)
        there = [theme.code for theme in shown if theme.code in set(of)]
        mine = {theme.code for theme in changed}
        return recoded(described(state, there, mine), there, mine)
