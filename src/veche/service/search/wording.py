"""What the values of filters and counts are called in the reader's language.

A person may see authorities whose packs differ: a code is said by the first pack that knows it. What nobody
named is shown as it stands.
"""

from collections.abc import Callable, Sequence
from functools import cached_property
from uuid import UUID

from django.apps import apps
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from veche.picture.words import label
from veche.service import reader
from veche.service.accounts.models import Tenant
from veche.service.desk import words
from veche.service.inbox.models import Channel, State

#: Stands in an address for what is not known: no topic, no place, no theme.
NONE = "-"
#: The state that stands for all that the picture counts: understood, also where the person was erased since.
COUNTED = "counted"

#: How sure the machine was of the topic; the borders stand in `filters.SURE`.
SURE_WORDS = {"low": lazy("Not sure"), "middle": lazy("Fairly sure"), "high": lazy("Sure")}
#: How a search looks for what was typed.
BY_WORDS = {"words": lazy("By words"), "meaning": lazy("By meaning")}

_KEYS = {
    "tenant": lazy("Authority"),
    "body": lazy("Responsible body"),
    "topic": lazy("Topic"),
    "territory": lazy("Territory"),
    "group": lazy("Group"),
    "channel": lazy("Channel"),
    "language": lazy("Language"),
    "kind": lazy("Kind"),
    "urgency": lazy("Urgency"),
    "state": lazy("State"),
    "theme": lazy("Theme"),
    "sure": lazy("How sure"),
    "since": lazy("From the day"),
    "until": lazy("Until"),
    "q": lazy("Search"),
    "by": lazy("Searched"),
}
#: Looked up by the text in an address.
_STATES = {str(code): words for code, words in State.choices}
_BY_PACK: dict[str, Callable[[str, str, str], str]] = {
    "topic": words.topic,
    "body": words.body,
    "territory": words.territory,
}


def key_words(key: str) -> str:
    """Return what a key of the address is called ("topic": "Topic")."""
    return str(_KEYS[key])


class Wording:
    """The words of values among what these authorities have."""

    def __init__(self, tenants: Sequence[Tenant]) -> None:
        self.tenants = {tenant.slug: tenant for tenant in tenants}
        self.packs = tuple(dict.fromkeys(tenant.pack for tenant in tenants))

    def said(self, key: str, value: str) -> str:
        """Return a value of a key of the address in words."""
        if value in ("", NONE):
            return _("Not known")
        if key in _BY_PACK:
            return self._by_pack(_BY_PACK[key], value)
        if key == "tenant":
            return self.tenants[value].name if value in self.tenants else value
        if key == "channel":
            return self._channels.get(value) or label("channel", value)
        if key == "theme":
            return self._themes.get(value, value)
        if key == "state":
            return _("Counted in the picture") if value == COUNTED else str(_STATES.get(value, value))
        if key in ("sure", "by"):
            return str({**SURE_WORDS, **BY_WORDS}.get(value, value))
        return label(key, value)

    def _by_pack(self, say: Callable[[str, str, str], str], value: str) -> str:
        language = reader.language()
        said = (say(pack, value, language) for pack in self.packs)
        return next((text for text in said if text != value), value)

    @cached_property
    def _channels(self) -> dict[str, str]:
        """Titles of channels by code; one that bears its code for a title has none of its own."""
        found = Channel.objects.filter(tenant__in=list(self.tenants.values())).values_list("code", "title")
        titles: dict[str, set[str]] = {}
        for code, title in found:
            titles.setdefault(code, set()).add(title)
        return {code: next(iter(said)) for code, said in titles.items() if len(said) == 1 and said != {code}}

    @cached_property
    def _themes(self) -> dict[str, str]:
        """Names of the themes that the transaction may see, by id."""
        theme = apps.get_model("themes", "Theme")
        return {str(one.pk): str(one) for one in theme.objects.filter(tenant__in=list(self.tenants.values()))}


def is_theme(value: str) -> bool:
    """Tell whether a value can be a theme: an id, or none."""
    if value == NONE:
        return True
    try:
        return str(UUID(value)) == value
    except ValueError:
        return False
