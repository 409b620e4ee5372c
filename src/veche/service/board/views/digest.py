"""What the picture says in words: themes, whom their quotations speak for, and what stands out."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from veche.picture.fairness import verdict
from veche.picture.words import label
from veche.service.board.counts import Burst
from veche.service.board.views.panels import MOST, Panel, address, named, panel_of, rows_of
from veche.service.board.views.scene import Scene
from veche.service.search.wording import NONE
from veche.service.themes.access import sees_whole
from veche.service.themes.models import Quotation, Theme, ThemeState

#: A theme is new for so many days after its first appeal or after it was found.
_NEW_DAYS = 7
#: Themes whose digest is told, and quotations of each.
_TOLD, _QUOTED = 5, 2
#: Lines of what stands out.
_ALERTS = 6


@dataclass(frozen=True)
class Told:
    """The digest of a theme, and whom it leaves out."""

    name: str
    url: str
    quotations: Sequence[str]
    sentences: Sequence[str]
    left_out: Sequence[str]


@dataclass(frozen=True)
class Alerted:
    """Something that stands out, in a sentence."""

    words: str
    detail: str
    #: The picture of it, and its appeals ("" for those who may not list them).
    url: str
    appeals: str


def themes(scene: Scene, *, shown: int = 10, signed_only: bool = False) -> Panel:
    """Return the table of themes, new ones marked; `signed_only` leaves out what no person has signed off."""
    known = _themes(scene)
    if signed_only:
        known = {code: theme for code, theme in known.items() if theme.state == ThemeState.SIGNED}
    found = [row for row in scene.picture.rows("theme") if row.value in known]
    rows = [
        replace(
            row,
            words=str(known[row.code]),
            tag=_("new") if is_new(known[row.code], scene.today) else "",
            more_url=reverse("theme", args=[row.code]),
            more_words=_("digest"),
        )
        for row in rows_of(scene.look, "theme", found[:MOST])
    ]
    empty = _("No themes yet. They are found every night, and on demand on the page of themes.")
    return panel_of("theme", _("Themes that nobody listed"), _("Theme"), rows, shown=shown, empty=empty)


def _themes(scene: Scene) -> dict[str, Theme]:
    """Return the themes of the picture that say something, by id."""
    ids = [UUID(row.value) for row in scene.picture.rows("theme") if row.value != NONE]
    found = Theme.objects.filter(tenant__in=scene.tenants, pk__in=ids, says_nothing=False)
    return {str(t.pk): t for t in found.exclude(state=ThemeState.DROPPED).defer("digest", "positions")}


def alerts_of(scene: Scene) -> list[Alerted]:
    """Return what comes much more often than usual, in words, the surest first."""
    found = scene.picture.bursts
    told = {(burst.key, burst.value) for burst in found}
    parents = {
        (key, row.value): row.parent for key in ("topic", "territory") for row in scene.picture.rows(key)
    }
    explained = {("territory", code) for code in scene.around}
    for key, value in told:
        # What lies above something that stands out is said by it; of all appeals each territory is a part.
        while value := parents.get((key, value), ""):
            explained.add((key, value))
    return [_alerted(scene, b) for b in found if (b.key, b.value) not in explained][:_ALERTS]


def _alerted(scene: Scene, burst: Burst) -> Alerted:
    look, alert = scene.look, burst.alert
    days = (alert.until - alert.since).days + 1
    what = named(burst.key, burst.words)
    seen = ngettext("%(n)s appeal", "%(n)s appeals", alert.seen) % {"n": look.number(alert.seen)}
    span = ngettext("in %(n)s day", "in %(n)s days", days) % {"n": days}
    usual = _("%(n)s were to be expected") % {"n": look.number(alert.expected, digits=1)}
    return Alerted(
        words=f"{what}: {seen} {span}, {usual}",
        detail=_("until %(day)s") % {"day": look.formats.day(alert.until)},
        url=address(reverse("board"), burst.query, per_people=look.per_people),
        appeals=burst.url,
    )


def is_new(theme: Theme, today: dt.date) -> bool:
    """Tell whether a theme came up in the last days."""
    return theme.since is not None and (today - theme.since).days < _NEW_DAYS


def audits(scene: Scene) -> list[Told]:
    """Return the digests of the largest themes that a person signed off, with whom each leaves out.

    An audit is of all appeals of an authority: for who sees a part of it there is none.
    """
    themes = _themes(scene).items()
    signed = {code: t for code, t in themes if t.state == ThemeState.SIGNED and is_audited(scene, t)}
    told = [signed[row.value] for row in scene.picture.rows("theme") if row.value in signed][:_TOLD]
    quoted: dict[UUID, list[str]] = {}
    of_themes = Quotation.objects.filter(theme__in=told, sub=None, side="").order_by("place")
    for quotation in of_themes:
        quoted.setdefault(quotation.theme_id, []).append(quotation.text)
    return [
        Told(
            name=str(theme),
            url=reverse("theme", args=[theme.pk]),
            quotations=quoted.get(theme.pk, [])[:_QUOTED],
            sentences=sentences(scene, theme.audit),
            left_out=left_out(scene, theme.audit),
        )
        for theme in told
    ]


def is_audited(scene: Scene, theme: Theme) -> bool:
    """Tell whether a theme has an audit that is for this reader."""
    return bool(theme.audit) and sees_whole(scene.user, theme.tenant_id)


def sentences(scene: Scene, audit: Mapping[str, Any]) -> list[str]:
    """Return for how many people the quotations of a theme speak, and how well; numbers only where they
    are shown as they are."""
    told = verdict(*audit["beats"])
    if scene.picture.protected:
        return [told]
    n, k = audit["voices"], audit["quotations"]
    people = ngettext("%(n)s person", "%(n)s people", n) % {"n": scene.look.number(n)}
    quotations = ngettext("%(k)s quotation", "%(k)s quotations", k) % {"k": scene.look.number(k)}
    heard = _("%(quotations)s for %(people)s; %(share)s find one close to what they wrote.")
    said = {"quotations": quotations, "people": people, "share": scene.look.formats.share(audit["heard"])}
    return [told, heard % said]


def audit_of(scene: Scene, theme: Theme) -> list[str]:
    """Return the audit of a theme in sentences, with whom it leaves out; none for who sees a part."""
    if not sees_whole(scene.user, theme.tenant_id):
        return []
    if not theme.audit:
        return [_("There is no audit: too few different texts, or the quotations are being chosen anew.")]
    groups = ", ".join(left_out(scene, theme.audit))
    last = (
        f"{_('Left out:')} {groups}."
        if groups
        else _("No group that is large enough to be shown is left out.")
    )
    return [*sentences(scene, theme.audit), last]


def left_out(scene: Scene, audit: Mapping[str, Any]) -> list[str]:
    """Return the groups that the quotations of a theme leave out, with the share of each that they reach."""
    groups = audit.get("left_out", ())
    names = [_group(scene, group) for group in groups]
    if scene.picture.protected:
        return names
    shares = [scene.look.formats.share(group["share"]) for group in groups]
    return [f"{name} ({share})" for name, share in zip(names, shares, strict=True)]


def _group(scene: Scene, group: Mapping[str, Any]) -> str:
    dimension, value = group["dimension"], group["value"]
    if dimension in ("territory", "channel"):
        return scene.look.filters.wording.said(dimension, value)
    return label(dimension, value)
