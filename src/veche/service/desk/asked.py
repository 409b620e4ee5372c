"""Which part of the queue a person looks at: the keys of an address that narrow it, and their words."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.translation import gettext as _

from veche.service.accounts.access import tenants_of
from veche.service.accounts.models import Tenant, User
from veche.service.desk.choices import Choice, choices
from veche.service.desk.queue import Wanted
from veche.service.search.filters import Chip
from veche.service.search.wording import Wording, key_words

#: Keys of an address that the queue knows, in its order. `urgency` knows "life" alone.
_KEYS = ("tenant", "topic", "urgency", "mine", "second")


@dataclass(frozen=True)
class Field:
    """One list of the filter of the queue."""

    key: str
    label: str
    value: str
    choices: tuple[Choice, ...]


class Asked:
    """What an address asks of the queue; what cannot be is told in `errors`, and then nothing fits."""

    def __init__(self, query: QueryDict, user: User) -> None:
        self.tenants: list[Tenant] = list(tenants_of(user, "finding.decide"))
        self._wording = Wording(self.tenants)
        self._values = {key: value for key in _KEYS if (value := query.get(key, "").strip())}
        self.errors = [
            _("“%(value)s” cannot be chosen for “%(key)s”.") % {"value": value[:60], "key": _called(key)}
            for key, value in self._values.items()
            if not self._can_be(key, value)
        ]

    @property
    def wanted(self) -> Wanted:
        """What to look for in the queue."""
        held = self._values
        return Wanted(
            tenant=held.get("tenant", ""),
            topic=held.get("topic", ""),
            urgent="urgency" in held,
            mine="mine" in held,
            second="second" in held,
        )

    @property
    def query(self) -> str:
        """The part of an address after the "?": always the same for the same filters."""
        return urlencode(self._values)

    @property
    def suffix(self) -> str:
        """The end of an address that keeps the filters, with its "?"; "" where there are none."""
        return f"?{self.query}" if self._values else ""

    def chips(self) -> list[Chip]:
        """Return each filter in force, with the address that leaves it out."""
        return [
            Chip(key, value, _called(key), self._said(key, value), "?" + self._without(key))
            for key, value in self._values.items()
        ]

    def fields(self, proposed: Collection[str]) -> Iterator[Field]:
        """Yield the lists by which the queue is narrowed; `proposed` are the topics that stand in it."""
        held = self._values
        if len(self.tenants) > 1:
            known = tuple(Choice(t.slug, t.name) for t in self.tenants)
            yield Field("tenant", _called("tenant"), held.get("tenant", ""), known)
        packs = dict.fromkeys(t.pack for t in self.tenants)
        near = {*proposed, *(value.rpartition(".")[0] for value in proposed), held.get("topic", "")}
        topics = {c.value: c for pack in packs for c in choices(pack, "topic") if c.value in near}
        yield Field("topic", _called("topic"), held.get("topic", ""), tuple(topics.values()))
        danger = (Choice("life", self._said("urgency", "life")),)
        yield Field("urgency", _called("urgency"), held.get("urgency", ""), danger)
        for key, words in (("mine", _("For me")), ("second", _("A second opinion is asked for"))):
            yield Field(key, _called(key), held.get(key, ""), (Choice("1", words),))

    def __bool__(self) -> bool:
        """Whether any filter is in force."""
        return bool(self._values)

    def _can_be(self, key: str, value: str) -> bool:
        if key == "tenant":
            return any(t.slug == value for t in self.tenants)
        if key == "topic":
            packs = dict.fromkeys(t.pack for t in self.tenants)
            return any(c.value == value for pack in packs for c in choices(pack, "topic"))
        return value == ("life" if key == "urgency" else "1")

    def _without(self, key: str) -> str:
        return urlencode({k: v for k, v in self._values.items() if k != key})

    def _said(self, key: str, value: str) -> str:
        return _("Yes") if key in ("mine", "second") else self._wording.said(key, value)


def _called(key: str) -> str:
    own = {"mine": _("Handed to me"), "second": _("Second opinion")}
    return own.get(key) or key_words(key)
