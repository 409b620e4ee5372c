"""All findings of an appeal with their makers: which are in force, which were overruled, which undone.

A person's finding outranks every machine's; of one kind of maker the later counts. What was made in one run
stands together: a matter or a rank that the latest run did not make is past. A decision that was undone is as
if it had never been made.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from veche.picture.words import label
from veche.service import reader
from veche.service.accounts.models import User
from veche.service.desk import words
from veche.service.desk.marks import Span, in_masked
from veche.service.desk.models import Decision
from veche.service.inbox import numbers
from veche.service.inbox.models import Appeal, AppealText, Finding
from veche.service.themes.models import Act, Theme

#: Facets in the order in which pages show them.
FACETS = ("topic", "place", "body", "kind", "urgency", "group", "language", "repeat")
PERSON = "person"


def matter_words(number: int) -> str:
    """Return what a matter is called."""
    return _("Concern %(n)s") % {"n": number} if number else _("The whole appeal")


@dataclass(frozen=True)
class Decided:
    """One finding as the page of an appeal shows it."""

    finding: Finding
    facet: str
    value: str
    maker: str
    in_force: bool
    #: When its decision was undone; None where it was not.
    undone_at: datetime | None
    #: The number of the appeal that is repeated; "" for other facets.
    repeats: str = ""


@dataclass(frozen=True)
class Matter:
    """A concern of an appeal, 0 for the whole, with its findings: by facet, those in force first."""

    number: int
    decided: Sequence[Decided]

    @property
    def title(self) -> str:
        """What the matter is called."""
        return matter_words(self.number)

    def in_force(self, facet: str) -> list[str]:
        """Return the first value in force of a facet ("" where nothing fits), none where it was not asked."""
        ranked = [d.finding for d in self.decided if d.in_force and d.finding.facet == facet]
        return [f.value or "" for f in ranked if f.rank == 0][:1]


def matters(appeal: Appeal, pack: str) -> list[Matter]:
    """Return the matters of an appeal with all their findings."""
    found = list(Finding.objects.filter(appeal=appeal))
    decisions = Decision.objects.in_bulk({f.decision for f in found if f.decision})
    undone = {key: d.undone_at for key, d in decisions.items() if d.undone_at}
    undone |= _undone_of_themes(found)
    valid = {f.id for f in in_force(found, set(undone))}
    makers, numbered, themes = _makers(found), _numbers(found), _themes(found)
    by_matter: dict[int, list[Decided]] = {}
    for f in sorted(found, key=lambda f: _order(f, valid)):
        one = Decided(
            f,
            label("facet", f.facet),
            themes.get(f.value or "", "") if f.facet == "theme" and f.value else _said(f, pack),
            makers.get(f.maker, _maker(f)),
            f.id in valid,
            undone.get(f.decision) if f.decision else None,
            numbered.get(f.value or "", "") if f.facet == "repeat" else "",
        )
        by_matter.setdefault(f.matter, []).append(one)
    return [Matter(number, decided) for number, decided in sorted(by_matter.items())]


def in_force_of(appeal_id: UUID, matter: int, facet: str) -> str | None:
    """Return what is in force of a facet of a matter: "" where nothing fits, None where it was not asked."""
    found = list(Finding.objects.filter(appeal=appeal_id, facet=facet))
    undone = Decision.objects.filter(pk__in={f.decision for f in found if f.decision}).exclude(undone_at=None)
    valid = in_force(found, set(undone.values_list("pk", flat=True)))
    return next((f.value or "" for f in valid if (f.matter, f.rank) == (matter, 0)), None)


def in_force(found: Iterable[Finding], undone: set[UUID]) -> list[Finding]:
    """Return those of an appeal's findings that hold, given the decisions that were undone."""
    held = [f for f in found if f.decision not in undone]
    last_run: dict[str, datetime] = {}
    for f in held:
        if f.maker_kind != PERSON and not f.decision:
            last_run[f.facet] = max(f.made_at, last_run.get(f.facet, f.made_at))
    held = [f for f in held if f.maker_kind == PERSON or f.decision or f.made_at == last_run[f.facet]]
    best: dict[tuple[str, int], tuple[bool, datetime]] = {}
    for f in held:
        place = (f.facet, f.matter)
        best[place] = max((f.maker_kind == PERSON, f.made_at), best.get(place, (False, f.made_at)))
    return [f for f in held if (f.maker_kind == PERSON, f.made_at) == best[f.facet, f.matter]]


def marked(matters: Iterable[Matter], text: AppealText) -> dict[str, list[Span]]:
    """Return by facet where in the masked text stands what the findings in force rest on."""
    spans: dict[str, list[Span]] = {}
    for matter in matters:
        for one in matter.decided:
            if one.in_force and one.finding.evidence:
                spans.setdefault(one.finding.facet, []).extend(
                    (int(start), int(end)) for start, end in one.finding.evidence
                )
    placed = {facet: in_masked(given, text.masks) for facet, given in spans.items()}
    return {facet: placed[facet] for facet in FACETS if placed.get(facet)}


def _order(f: Finding, valid: set[UUID]) -> tuple[object, ...]:
    place = FACETS.index(f.facet) if f.facet in FACETS else len(FACETS)
    return (f.matter, place, f.facet, f.id not in valid, -f.made_at.timestamp(), f.rank, str(f.id))


def _said(f: Finding, pack: str) -> str:
    if f.facet == "topic" and not f.value and f.maker_kind == PERSON:
        return _("None of these topics")
    if f.facet == "repeat" or not f.value:
        return "" if f.value else _("Not known")
    return words.value(pack, f.facet, f.value, reader.language())


def _themes(found: Iterable[Finding]) -> dict[str, str]:
    """Names of the themes that findings name, as far as the reader sees them."""
    keys = {f.value for f in found if f.facet == "theme" and f.value}
    return {str(theme.pk): str(theme) for theme in Theme.objects.filter(pk__in=keys)}


def _undone_of_themes(found: Iterable[Finding]) -> dict[UUID, datetime]:
    """When decisions about themes were taken back that moved the appeal, by their ids."""
    keys = {f.decision for f in found if f.facet == "theme" and f.decision}
    acts = Act.objects.filter(pk__in=keys).exclude(undone_at=None)
    return {act.pk: act.undone_at for act in acts if act.undone_at}


def _makers(found: Iterable[Finding]) -> dict[str, str]:
    """Names of the people who decided, by how findings name them."""
    keys = {f.maker.removeprefix("user:") for f in found if f.maker.startswith("user:")}
    return {f"user:{u.pk}": u.name for u in User.objects.filter(pk__in=keys)}


def _maker(f: Finding) -> str:
    if f.maker_kind == PERSON:
        return _("a person")
    return " ".join((label("step", f.maker), f.maker_version)).strip()


def _numbers(found: Iterable[Finding]) -> Mapping[str, str]:
    keys = {f.value for f in found if f.facet == "repeat" and f.value}
    known = Appeal.objects.filter(pk__in=keys).values_list("pk", "number")
    return {str(key): numbers.shown(number) for key, number in known}
