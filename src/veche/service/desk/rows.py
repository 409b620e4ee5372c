"""What lists and pages of appeals show, made of few queries: the appeals, their texts, their channels."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language

from veche.picture.words import label
from veche.service.accounts.models import Tenant
from veche.service.desk import words
from veche.service.inbox import numbers
from veche.service.inbox.models import Appeal, AppealText, Channel, Finding

#: Characters of the text in a list.
_GLIMPSE = 160


@dataclass(frozen=True)
class Line:
    """One appeal in a list."""

    appeal: Appeal
    number: str
    tenant: str
    channel: str
    topic: str
    place: str
    glimpse: str


def lines(appeals: Iterable[Appeal]) -> list[Line]:
    """Return appeals with the words that a list shows."""
    found = list(appeals)
    language = get_language() or "en"
    tenants = Tenant.objects.in_bulk({a.tenant_id for a in found})
    channels = Channel.objects.in_bulk({a.channel_id for a in found})
    texts = AppealText.objects.filter(pk__in=[a.pk for a in found]).defer("vector", "search")
    glimpses = {t.pk: t.text[:_GLIMPSE] for t in texts}
    return [
        Line(
            appeal=a,
            number=numbers.shown(a.number),
            tenant=tenants[a.tenant_id].name,
            channel=_title(channels.get(a.channel_id)),
            topic=words.topic(tenants[a.tenant_id].pack, a.topic, language),
            place=words.territory(tenants[a.tenant_id].pack, a.territory, language),
            glimpse=glimpses.get(a.pk, ""),
        )
        for a in found
    ]


def _title(channel: Channel | None) -> str:
    if channel is None:
        return ""
    return channel.title if channel.title != channel.code else label("channel", channel.code)


@dataclass(frozen=True)
class Piece:
    """A piece of a masked text: words, or what stands for hidden ones."""

    text: str
    mask: str = ""


def pieces(masked: AppealText) -> Iterator[Piece]:
    """Return a masked text in pieces, in its order."""
    at = 0
    for mask in sorted(masked.masks, key=lambda m: m["start"]):
        if mask["start"] > at:
            yield Piece(masked.text[at : mask["start"]])
        yield Piece(masked.text[mask["start"] : mask["end"]], mask["type"])
        at = mask["end"]
    if masked.text[at:]:
        yield Piece(masked.text[at:])


@dataclass(frozen=True)
class Decided:
    """One finding as the page of an appeal shows it."""

    finding: Finding
    facet: str
    value: str
    #: Whether it is the one in force for its matter, facet and rank.
    in_force: bool


def findings(appeal: Appeal, pack: str) -> list[Decided]:
    """Return all findings of an appeal: by matter, facet and rank, and of each first the one in force.

    A person's finding outranks any machine's; within a rank the later counts.
    """
    found = list(Finding.objects.filter(appeal=appeal))
    found.sort(key=_order)
    seen: set[Any] = set()
    made = []
    for finding in found:
        place = (finding.matter, finding.facet, finding.rank)
        said = words.value(pack, finding.facet, finding.value or "", get_language() or "en")
        made.append(Decided(finding, label("facet", finding.facet), said, place not in seen))
        seen.add(place)
    return made


def _order(f: Finding) -> tuple[Any, ...]:
    return (f.matter, f.facet, f.rank, f.maker_kind != "person", -f.made_at.timestamp())
