"""What can be chosen of a facet, in the reader's words: the rows of the lists that find while one types."""

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from veche.packs.competence import body_title
from veche.packs.model import KINDS, URGENCIES, Pack
from veche.packs.text import in_language
from veche.picture.words import label
from veche.service import reader
from veche.service.desk.values import NO_TOPIC, pack_of


class Choice(NamedTuple):
    """A value, its title, and what it lies under ("" for nothing)."""

    value: str
    title: str
    under: str = ""


def choices(pack: str, facet: str) -> tuple[Choice, ...]:
    """Return what can be chosen of a facet, in the order of the pack and the reader's language."""
    return _choices(pack, facet, reader.language())


def title_of(pack: str, facet: str, value: str) -> str:
    """Return the title of a value; "" where it cannot be chosen."""
    return next((c.title for c in choices(pack, facet) if c.value == value), "")


def under(pack: str, facet: str, value: str) -> str:
    """Return the title of what a value lies under; "" where it lies under nothing."""
    return next((c.under for c in choices(pack, facet) if c.value == value), "")


def options(pack: str, facet: str) -> SafeString:
    """Return the rows of a list of all that can be chosen, as HTML: hundreds, made once for all readers."""
    return _options(pack, facet, reader.language())


@cache
def _options(pack: str, facet: str, language: str) -> SafeString:
    row = '<option value="{}" data-under="{}">{}</option>'
    return format_html_join("", row, ((c.value, c.under, c.title) for c in _choices(pack, facet, language)))


def question(facet: str) -> str:
    """Return what a person is asked who corrects a facet."""
    asked = {
        "topic": _("What is it about?"),
        "kind": _("What kind of appeal is it?"),
        "body": _("Who is responsible?"),
        "place": _("Where is it?"),
        "urgency": _("How urgent is it?"),
    }
    return asked[facet]


@cache
def _choices(pack_name: str, facet: str, language: str) -> tuple[Choice, ...]:
    pack = pack_of(pack_name)
    if facet == "topic":
        return tuple(_topics(pack, language))
    if facet == "place":
        return tuple(_places(pack, language))
    if facet == "body":
        return tuple(Choice(b, body_title(b, pack=pack, language=language)) for b in pack.bodies)
    return tuple(Choice(v, label(facet, v)) for v in {"kind": KINDS, "urgency": URGENCIES}[facet])


def _topics(pack: Pack, language: str) -> Iterator[Choice]:
    for topic in pack.topics.values():
        parent = pack.topics.get(topic.parent)
        above = in_language(parent.title, language) or parent.code if parent else ""
        yield Choice(topic.code, in_language(topic.title, language) or topic.code, above)
    yield Choice(NO_TOPIC, _("None of these topics"))


def _places(pack: Pack, language: str) -> Iterator[Choice]:
    for place in pack.territories.values():
        parent = pack.territories.get(place.parent)
        above = in_language(parent.title, language) or parent.code if parent else ""
        yield Choice(place.code, in_language(place.title, language) or place.code, above)
