"""What leaves a theme that a person parts by examples, and what that is called."""

from collections.abc import Sequence
from uuid import UUID

import numpy as np
from django.db import connection

from veche.core.errors import SplitNeedsExamples, SplitTakesAll, TooLargeToSplit
from veche.packs import load_pack
from veche.service.accounts.models import Tenant
from veche.service.inbox.models import AppealText
from veche.service.themes.material import vectors_of
from veche.service.themes.models import LONGEST_NAME, Member, Theme
from veche.themes.features import unit_rows
from veche.themes.naming import Samples, names
from veche.themes.signoff.parting import part

#: Appeals of a theme that are compared with examples while a person waits, and examples that may be picked.
MOST_SPLIT, MOST_EXAMPLES = 50_000, 40
#: Texts of each side that the new name is made from.
_NAMED_FROM = 200


def leaving(theme: Theme, belong: list[UUID], stay: list[UUID]) -> list[UUID]:
    """Return the appeals that leave a theme with `belong`, but for those that are nearer to `stay`.

    Raises:
        SplitNeedsExamples: none that lies in the theme was picked.
        SplitTakesAll: nothing would be left.
        TooLargeToSplit: the theme is too large to be compared while a person waits.
    """
    if theme.size > MOST_SPLIT:
        raise TooLargeToSplit(size=theme.size, limit=MOST_SPLIT)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT m.appeal_id, t.vector FROM themes_member m JOIN inbox_appealtext t USING (appeal_id)"
            " WHERE m.theme_id = %s ORDER BY m.appeal_id",
            [theme.pk],
        )
        rows = cursor.fetchall()
    at = {row[0]: i for i, row in enumerate(rows)}
    go, remain = ([at[id] for id in picked if id in at] for picked in (belong, stay))
    if not go:
        raise SplitNeedsExamples
    vectors = unit_rows(vectors_of([row[1] for row in rows]).astype(np.float32))
    known = np.flatnonzero(vectors.any(axis=1))
    guides = [i for i in [*go, *remain] if vectors[i].any()]
    leaves = np.zeros(len(rows), bool)
    if guides:
        label = part(vectors[known], vectors[guides])
        leaves[known] = (label >= 0) & (label < sum(i in set(go) for i in guides))
    leaves[go], leaves[remain] = True, False
    if leaves.all():
        raise SplitTakesAll
    return [rows[i][0] for i in np.flatnonzero(leaves).tolist()]


def name_of(theme: Theme, going: Sequence[UUID]) -> str:
    """Return a name for what leaves a theme, made from its words against those of what stays."""
    language = load_pack(Tenant.objects.get(pk=theme.tenant_id).pack).languages[0]
    left = Member.objects.filter(theme=theme.pk).exclude(pk__in=going).values("pk")[:_NAMED_FROM]
    sides = [AppealText.objects.filter(pk__in=ids) for ids in (list(going)[:_NAMED_FROM], left)]
    samples = [Samples(list(texts.values_list("text", flat=True)), language) for texts in sides]
    made = names(samples, [-1, -1])[0]
    called = made.name or ", ".join(made.keywords[:3])
    taken = Theme.objects.filter(tenant=theme.tenant_id, into=None, gone_at=None, name__iexact=called)
    return f"{called} (2)"[:LONGEST_NAME] if called and taken.exists() else called[:LONGEST_NAME]
