"""The memory that new appeals are followed with: held by one process, kept in a file, or learnt anew.

What of the queue the file does not know yet is read again with it. A theme that the memory does not know (a
person split it off, or the file is lost) is learnt from its members.
"""

import logging
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pyarrow as pa
from django.db import connection

from veche.core.errors import UsageError
from veche.packs.model import Pack
from veche.service.accounts.acting import working
from veche.service.inbox.models import AppealText
from veche.service.themes.material import Laid, folder_of, vectors_of
from veche.service.themes.models import Following, Theme
from veche.themes.features import unit_rows
from veche.themes.following import Chunk, Follower, Memory, News, load, save
from veche.themes.following.memory import threshold_of

_log = logging.getLogger("veche.jobs")

#: Appeals that are read at once.
STEP = 500
#: Of the appeals of a search this share of the latest, and at most so many, count as said lately; so many
#: before them as said before. New is what was not said before, so these have to be many more.
LATELY_SHARE, LATELY, EARLIER = 0.05, 2_000, 100_000
#: A theme is learnt from so many of its clearest members.
_LEARNT_FROM = 200

_COLUMNS = """
SELECT a.id, t.text, t.vector, s.text_hash, a.received_at, nullif(a.territory, ''), a.person_id::text
FROM {source} JOIN inbox_appealtext t ON t.appeal_id = a.id LEFT JOIN inbox_signature s ON s.appeal_id = a.id
"""
WAITING = (
    _COLUMNS.format(
        source="themes_waiting w JOIN inbox_appeal a ON a.id = w.appeal_id AND a.state = 'understood'"
    )
    + "WHERE w.tenant_id = %s AND w.placed = %s AND (%s::uuid IS NULL OR w.appeal_id > %s)"
    " ORDER BY w.appeal_id LIMIT %s"
)
_ROWS = (
    _COLUMNS.format(source="inbox_appeal a") + "WHERE a.id = ANY(%s) AND a.state = 'understood' ORDER BY a.id"
)
_KNOWN = "DELETE FROM themes_waiting WHERE tenant_id = %s AND placed"
_CLEAREST = """
SELECT t.vector FROM (
    SELECT appeal_id FROM themes_member WHERE theme_id = %s ORDER BY strength DESC, appeal_id LIMIT %s
) AS m JOIN inbox_appealtext t ON t.appeal_id = m.appeal_id WHERE t.vector <> ''
"""


@dataclass
class Held:
    """The memory of one authority in this process, as it was at a version of `Following`."""

    follower: Follower
    version: int
    #: Whether it differs from the file.
    changed: bool = False


@dataclass
class Keeper:
    """What one process holds in memory, by tenant."""

    held: dict[UUID, Held] = field(default_factory=dict)

    def save_all(self) -> None:
        """Write what changed to disk."""
        for tenant_id in [id for id, held in self.held.items() if held.changed]:
            keep(self, tenant_id)


def state_of(tenant_id: UUID) -> Following:
    """Return the row that says how far following is; nobody else follows until the transaction ends."""
    Following.objects.get_or_create(pk=tenant_id)
    return Following.objects.select_for_update().get(pk=tenant_id)


def hold(keeper: Keeper, state: Following, pack: Pack) -> Held:
    """Return the memory as it is now, read from its file where this process is behind."""
    held = keeper.held.get(state.tenant_id)
    if held is not None and held.version == state.version:
        return held
    follower = _read(state, pack)
    last = None
    while rows := fetch(WAITING, [state.tenant_id, True, last, last, STEP]):
        follower.add(chunk_of(rows))
        last = rows[-1][0]
    held = keeper.held[state.tenant_id] = Held(follower, state.version)
    return held


def keep(keeper: Keeper, tenant_id: UUID) -> None:
    """Write the memory to disk, and let the appeals go that it knows."""
    held = keeper.held.get(tenant_id)
    if held is None or not held.changed:
        return
    with working(tenant_id):
        if state_of(tenant_id).version != held.version:
            del keeper.held[tenant_id]
            return
        save(held.follower, _folder(tenant_id))
        run(_KNOWN, [tenant_id])
    held.changed = False


def learn(follower: Follower, themes: Sequence[Theme]) -> None:
    """Let the memory know of themes that it has not heard of."""
    known = set(follower.codes)
    for theme in themes:
        if theme.code in known or theme.says_nothing or not theme.shown or theme.kind != "theme":
            continue
        stored = [row[0] for row in fetch(_CLEAREST, [theme.pk, _LEARNT_FROM])]
        if not stored:
            continue
        rows = unit_rows(vectors_of(stored).astype(np.float32))
        if not follower.codes and not follower.centre.any():
            follower.centre = rows.mean(axis=0)
        near = unit_rows(rows - follower.centre)
        centroid = unit_rows(near.mean(axis=0, keepdims=True))
        follower.codes.append(theme.code)
        follower.centroids = np.concatenate([follower.centroids, centroid])
        threshold = np.float32(threshold_of(near @ centroid[0]))
        follower.thresholds = np.append(follower.thresholds, threshold)


def begin_anew(tenant_id: UUID, memory: Memory, laid: Laid, place_of: Mapping[str, UUID], pack: Pack) -> None:
    """Follow on from a search, within `working` of the tenant and under the lock of its themes.

    `memory` is what the search remembers, `place_of` the theme of each appeal in it. What was said lately
    is read once more, so that a matter of which half is told goes on; what is new among it is known by its
    place.
    """
    state = state_of(tenant_id)
    follower = Follower(memory, texts_of=_texts_of(tenant_id), language=pack.languages[0])
    ids = laid.ids.to_pylist()
    split = len(ids) - min(LATELY, int(LATELY_SHARE * len(ids)))
    texts = laid.column("masked_text")
    for start in range(max(0, split - EARLIER), split, STEP):
        follower.add_history(texts.slice(start, min(STEP, split - start)).unique())
    aliases: dict[str, str | None] = {}
    for start in range(split, len(ids), STEP):
        rows = fetch(_ROWS, [[UUID(id) for id in ids[start : start + STEP]]])
        for news in follower.add(chunk_of(rows)).news if rows else ():
            aliases[news.code] = _mostly(news, place_of)
    state.version += 1
    state.aliases = aliases
    state.save()
    shutil.rmtree(_folder(tenant_id), ignore_errors=True)
    save(follower, _folder(tenant_id))
    run("DELETE FROM themes_waiting WHERE appeal_id = ANY(%s::uuid[])", [ids])
    # What came while the search went on is followed once more, with what it found.
    run("UPDATE themes_waiting SET placed = false WHERE tenant_id = %s AND placed", [tenant_id])


def _mostly(news: News, place_of: Mapping[str, UUID]) -> str | None:
    """The theme that at least half of the members of news lie in."""
    found = [place_of[id] for id in news.members if id in place_of]
    best = max(sorted(set(found)), key=found.count, default=None)
    return str(best) if best and found.count(best) >= len(news.members) / 2 else None


def _read(state: Following, pack: Pack) -> Follower:
    texts_of = _texts_of(state.tenant_id)
    try:
        follower = load(_folder(state.tenant_id), texts_of=texts_of)
    except UsageError:
        _log.warning("What was followed cannot be read; it is begun anew.")
        follower = None
    if follower is None:
        state.aliases = {}
        follower = Follower(None, texts_of=texts_of, language=pack.languages[0])
    return follower


def _folder(tenant_id: UUID) -> Path:
    path = folder_of(tenant_id) / "followed"
    path.mkdir(mode=0o700, exist_ok=True)
    return path


def _texts_of(tenant_id: UUID) -> Callable[[Sequence[str]], list[str]]:
    def texts(ids: Sequence[str]) -> list[str]:
        found = AppealText.objects.filter(tenant=tenant_id, pk__in=[UUID(id) for id in ids if id])
        text = {str(id): text for id, text in found.values_list("pk", "text")}
        return [text.get(id, "") for id in ids]

    return texts


def chunk_of(rows: Sequence[tuple[Any, ...]]) -> Chunk:
    """Return appeals as the memory takes them in."""
    ids, texts, vectors, hashes, received, territories, authors = zip(*rows, strict=True)
    return Chunk(
        ids=[str(id) for id in ids],
        texts=pa.array(texts, pa.string()),
        vectors=vectors_of(vectors),
        received=pa.array(received, pa.timestamp("us", "UTC")).cast(pa.int64()).to_numpy(),
        hashes=hashes_of(hashes),
        territories=territories,
        authors=authors,
    )


def hashes_of(stored: Sequence[int | None]) -> np.ndarray:
    """Return hashes of texts as the database stores them (uint64), 0 where there is none."""
    return np.array([(h or 0) & 0xFFFFFFFFFFFFFFFF for h in stored], np.uint64)


def fetch(query: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Return the rows that answer a question."""
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchall()


def run(statement: str, values: Sequence[Any]) -> None:
    """Run a statement."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
