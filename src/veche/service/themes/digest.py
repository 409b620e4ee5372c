"""What stands for a theme, in words: quotations, positions, parts, and whom the quotations leave out.

Who sees a part of the authority is shown the quotations alone; who sees no small numbers, no share.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext, gettext_lazy, ngettext

from veche.picture.words import label
from veche.service import reader
from veche.service.accounts.models import User
from veche.service.desk import words
from veche.service.inbox import numbers
from veche.service.inbox.models import Appeal
from veche.service.themes.access import quotations_of, sees_exact, sees_whole
from veche.service.themes.models import Quotation, Theme

_SIDES = {
    "praise": gettext_lazy("Praise"),
    "complaint": gettext_lazy("Complaint"),
    "for": gettext_lazy("For it"),
    "against": gettext_lazy("Against it"),
}


@dataclass(frozen=True)
class Quoted:
    """A quotation with the appeal that it is from."""

    text: str
    number: str
    received: Any


@dataclass(frozen=True)
class Side:
    """One position inside a theme: in words, how many hold it, what they say."""

    words: str
    #: "" where it is not told.
    share: str
    quotations: Sequence[Quoted]


@dataclass(frozen=True)
class Subtheme:
    """A part of a theme that a machine told apart."""

    name: str
    #: None where it is not told.
    n: int | None
    quotations: Sequence[Quoted]


@dataclass(frozen=True)
class Digest:
    """What stands for a theme. All but the quotations is empty for a reader of a part of the authority."""

    quotations: Sequence[Quoted]
    sides: Sequence[Side] = ()
    neither: str = ""
    mixed: bool = False
    subthemes: Sequence[Subtheme] = ()
    audit: Sequence[str] = ()
    left_out: Sequence[str] = ()
    behind: Sequence[str] = ()


def digest(user: User, theme: Theme) -> Digest:
    """Return what stands for a theme, from appeals that the reader may see."""
    found = list(quotations_of(user, theme))
    quoted = _quoted(found)
    own = [quoted[q.pk] for q in found if q.sub is None and not q.side and q.pk in quoted]
    if not sees_whole(user, theme.tenant_id):
        return Digest(list(dict.fromkeys(own)))
    exact = sees_exact(user, theme.tenant_id)
    group = _group if exact else _group_name
    positions = theme.positions or {}
    sides = [
        Side(
            words=str(_SIDES.get(side["side"], side["side"])),
            share=_part(side["share"]) if exact else "",
            quotations=[quoted[q.pk] for q in found if q.side == side["side"] and q.pk in quoted],
        )
        for side in positions.get("sides", ())
    ]
    subthemes = [
        Subtheme(
            sub["name"],
            sub["size"] if exact else None,
            [
                quoted[q.pk]
                for q in found
                if q.sub == sub["number"] and q.theme_id == theme.pk and q.pk in quoted
            ],
        )
        for sub in theme.digest.get("subthemes", ())
    ]
    return Digest(
        quotations=list(dict.fromkeys(own)),
        sides=sides,
        neither=_part(positions.get("neither", 0.0)) if sides and exact else "",
        mixed=bool(positions.get("mixed")),
        subthemes=subthemes,
        audit=_audit(theme.audit)[: None if exact else 1],
        left_out=[group(theme, one) for one in theme.audit.get("left_out", ())],
        behind=[group(theme, one) for one in theme.audit.get("behind", ())],
    )


def _quoted(quotations: Sequence[Quotation]) -> dict[int, Quoted]:
    found = Appeal.objects.filter(pk__in={q.appeal_id for q in quotations}).only("number", "received_at")
    of = {appeal.pk: appeal for appeal in found}
    return {
        q.pk: Quoted(q.text, numbers.shown(of[q.appeal_id].number), of[q.appeal_id].received_at)
        for q in quotations
        if q.appeal_id in of
    }


def _audit(audit: Mapping[str, Any]) -> list[str]:
    """The audit in plain sentences, the first of which has no number."""
    if not audit:
        return []
    heard, standing = audit["beats"]
    if min(heard, standing) >= 0.95:
        verdict = gettext(
            "These quotations speak for the people of the theme better than quotations drawn by lot."
        )
    elif max(heard, standing) <= 0.05:
        verdict = gettext(
            "These quotations speak for the people of the theme worse than quotations drawn by lot."
        )
    else:
        verdict = gettext(
            "These quotations speak for the people of the theme about as well as quotations drawn by lot."
        )
    n = audit["voices"]
    many = ngettext(
        "Of %(n)d person, %(share)s find a quotation among them that is close to what they wrote.",
        "Of %(n)d people, %(share)s find a quotation among them that is close to what they wrote.",
        n,
    )
    return [verdict, many % {"n": n, "share": reader.formats().share(audit["heard"])}]


def _group(theme: Theme, group: Mapping[str, Any]) -> str:
    return f"{_group_name(theme, group)} ({reader.formats().share(group['share'])})"


def _group_name(theme: Theme, group: Mapping[str, Any]) -> str:
    dimension, value = group["dimension"], group["value"]
    language = reader.language()
    if dimension == "territory":
        return words.territory(theme.tenant.pack, value, language)
    if dimension == "subtheme":
        return value
    if dimension == "group" and value.startswith("age:"):
        return label("age_group", value.removeprefix("age:"))
    return label(dimension, value)


def _part(share: float) -> str:
    """A share in words: people read "about a third" faster than a number that is no more exact."""
    known = [
        (0.04, gettext("hardly anybody")),
        (0.15, gettext("about one in ten")),
        (0.29, gettext("about a quarter")),
        (0.41, gettext("about a third")),
        (0.57, gettext("about half")),
        (0.71, gettext("about two thirds")),
        (0.85, gettext("about three quarters")),
        (0.96, gettext("nearly all")),
    ]
    return next((said for most, said in known if share <= most), gettext("all"))
