"""Which part of the queue a person looks at: the keys of an address that narrow it, and their words."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.translation import gettext as _

from veche.service.accounts.access import tenants_of
from veche.service.accounts.models import Tenant, User
from veche.service.desk.cards import Wanted
from veche.service.desk.choices import Choice, choices
from veche.service.desk.models import Kind
from veche.service.search.filters import Chip
from veche.service.search.wording import Wording, key_words

#: Keys of an address that the queue knows, in its order. `urgency` knows "life" alone.
_KEYS = ("tenant", "topic", "territory", "body", "urgency", "card", "mine", "second")
#: Places and bodies that a list offers, those first where most waits.
OFFERED = 100


@dataclass(frozen=True)
class Field:
    """One list of the filter of the queue."""

    key: str
    label: str
    value: str
    choices: tuple[Choice, ...]
    #: What else could be chosen, with less to it.
    left_out: int = 0


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
            territory=held.get("territory", ""),
            body=held.get("body", ""),
            kind=held.get("card", ""),
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

    def fields(self, proposed: Collection[str], parts: Iterable[tuple[str, str, int]]) -> Iterator[Field]:
        """Yield the lists by which the queue is narrowed.

        `proposed` are the topics that stand in it, `parts` how many wait in which territory for which body.
        A place that is chosen offers what lies within it, and the bodies there.
        """
        held = self._values
        if len(self.tenants) > 1:
            known = tuple(Choice(t.slug, t.name) for t in self.tenants)
            yield Field("tenant", _called("tenant"), held.get("tenant", ""), known)
        packs = dict.fromkeys(t.pack for t in self.tenants)
        near = {*proposed, *(value.rpartition(".")[0] for value in proposed), held.get("topic", "")}
        topics = {c.value: c for pack in packs for c in choices(pack, "topic") if c.value in near}
        yield Field("topic", _called("topic"), held.get("topic", ""), tuple(topics.values()))
        place, body = held.get("territory", ""), held.get("body", "")
        places, bodies = Counter[str](), Counter[str]()
        for there, whose, waiting in parts:
            if body in ("", whose):
                places.update(dict.fromkeys(_above(there), waiting))
            if _within(there, place):
                bodies[whose] += waiting
        yield self._narrowing("territory", places)
        yield self._narrowing("body", bodies)
        danger = (Choice("life", self._said("urgency", "life")),)
        yield Field("urgency", _called("urgency"), held.get("urgency", ""), danger)
        kinds = tuple(Choice(value, str(words)) for value, words in Kind.choices)
        yield Field("card", _called("card"), held.get("card", ""), kinds)
        for key, words in (("mine", _("For me")), ("second", _("A second opinion is asked for"))):
            yield Field(key, _called(key), held.get(key, ""), (Choice("1", words),))

    def _narrowing(self, key: str, waiting: Counter[str]) -> Field:
        held = self._values.get(key, "")
        there = Counter({value: n for value, n in waiting.items() if value})
        within = Counter({value: n for value, n in there.items() if held and _within(value, held)})
        offered = {value for some in (there, within) for value, _n in some.most_common(OFFERED)}
        named = sorted((self._path(key, value), value) for value in offered | {held} - {""})
        known = tuple(Choice(value, "\u2003" * (len(path) - 1) + path[-1]) for path, value in named)
        return Field(key, _called(key), held, known, len(there.keys() - offered - {held}))

    def _path(self, key: str, value: str) -> tuple[str, ...]:
        """Return what a territory lies in and itself, in words, so that those of one place stand together."""
        return tuple(self._said(key, one) for one in _above(value))

    def __bool__(self) -> bool:
        """Whether any filter is in force."""
        return bool(self._values)

    def _can_be(self, key: str, value: str) -> bool:
        if key == "tenant":
            return any(t.slug == value for t in self.tenants)
        if key == "topic":
            packs = dict.fromkeys(t.pack for t in self.tenants)
            return any(c.value == value for pack in packs for c in choices(pack, "topic"))
        if key in ("territory", "body"):
            return value.isprintable() and self._said(key, value) not in (value, value.rpartition("/")[2])
        if key == "card":
            return value in Kind.values
        return value == ("life" if key == "urgency" else "1")

    def _without(self, key: str) -> str:
        return urlencode({k: v for k, v in self._values.items() if k != key})

    def _said(self, key: str, value: str) -> str:
        if key == "card":
            return str(Kind(value).label) if value in Kind.values else value
        return _("Yes") if key in ("mine", "second") else self._wording.said(key, value)


def _above(territory: str) -> Iterator[str]:
    """Yield what a territory lies in, but for the country, in which all lie, and itself."""
    parts = territory.split("/")
    return ("/".join(parts[:n]) for n in range(min(2, len(parts)), len(parts) + 1))


def _within(territory: str, place: str) -> bool:
    return not place or territory == place or territory.startswith(place + "/")


def _called(key: str) -> str:
    own = {"mine": _("Handed to me"), "second": _("Second opinion"), "card": _("On the card")}
    return own.get(key) or key_words(key)
