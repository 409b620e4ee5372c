"""What lists and pages of appeals show, made of few queries: the appeals, their texts, their channels."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models.functions import Left

from veche.picture.words import label
from veche.service import reader
from veche.service.accounts.models import Tenant
from veche.service.desk import words
from veche.service.inbox import numbers
from veche.service.inbox.models import Appeal, AppealText, Channel

#: Characters of the text in a list.
_GLIMPSE = 240


@dataclass(frozen=True)
class Line:
    """One appeal in a list."""

    appeal: Appeal
    number: str
    tenant: str
    channel: str
    topic: str
    place: str
    body: str
    language: str
    #: What danger or deadline there is; "" where there is none.
    urgency: str
    #: The masked text in pieces, and whether each was looked for.
    glimpse: Sequence[tuple[str, bool]]


def lines(
    appeals: Iterable[Appeal], glimpses: Mapping[UUID, Sequence[tuple[str, bool]]] | None = None
) -> list[Line]:
    """Return appeals with the words that a list shows.

    `glimpses` are pieces of the texts of some; of the others their beginnings are shown.
    """
    found, given = list(appeals), glimpses or {}
    language = reader.language()
    tenants = Tenant.objects.in_bulk({a.tenant_id for a in found})
    channels = Channel.objects.in_bulk({a.channel_id for a in found})
    texts = AppealText.objects.filter(pk__in=[a.pk for a in found if a.pk not in given])
    begun = dict(texts.values_list("pk", Left("text", _GLIMPSE + 1)))
    return [
        Line(
            appeal=a,
            number=numbers.shown(a.number),
            tenant=tenants[a.tenant_id].name,
            channel=title(channels.get(a.channel_id)),
            topic=words.topic(tenants[a.tenant_id].pack, a.topic, language),
            place=words.territory(tenants[a.tenant_id].pack, a.territory, language),
            body=words.body(tenants[a.tenant_id].pack, a.body, language),
            language=label("language", a.language) if a.language else "",
            urgency=label("urgency", a.urgency) if a.urgency not in ("", "none") else "",
            glimpse=given.get(a.pk) or [(_cut(begun.get(a.pk, "")), False)],
        )
        for a in found
    ]


def title(channel: Channel | None) -> str:
    """Return what a channel is called."""
    if channel is None:
        return ""
    return channel.title if channel.title != channel.code else label("channel", channel.code)


def _cut(text: str) -> str:
    return text if len(text) <= _GLIMPSE else text[:_GLIMPSE].rstrip() + "…"
