"""The one question before an appeal is taken: where it is, or when it was, where that is not clear."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from veche.core.text import fold
from veche.packs.model import Pack, Territory
from veche.service import reader
from veche.service.public.light import Seen
from veche.stages.patterns import whole

#: How sure a place must be so that it is not asked for.
SURE = 0.5
#: Levels that are near enough to send somebody there.
_NEAR = ("municipality", "settlement", "district")

_STREET_WORDS = (
    r"ул|улиц\p{L}*|просп\p{L}*|пр-кт\p{L}?|пр-т\p{L}?|переул\p{L}+|пер|бульвар\p{L}*|б-р|шоссе|набережн\p{L}+|"
    r"площад\p{L}+|пл|проезд\p{L}*|мкр|микрорайон\p{L}*|тракт\p{L}*"
)
_ENGLISH_STREET_WORDS = "street|st|avenue|ave|road|rd|lane|drive|boulevard|blvd|square"
_NAME = r"[\p{Lu}\d][\p{L}\d'-]*"
#: A street as it was typed: before or after its name. Searched in the text as it stands, for capitals.
_STREET = whole(
    rf"(?i:{_STREET_WORDS})\.?\s{{1,3}}{_NAME}(?:\s{_NAME})?",
    rf"[\p{{Lu}}][\p{{L}}-]{{2,}}(?:ая|яя|ой|ей|ую|юю|ый|ий|ого|его|ом|ем)\s(?i:{_STREET_WORDS})",
    rf"(?:{_NAME}\s){{1,3}}(?i:{_ENGLISH_STREET_WORDS})",
)
_MONTHS = r"январ|феврал|апрел|июн|июл|август|сентябр|октябр|ноябр|декабр"
_UNITS = (
    r"минут\p{L}*|час\p{L}*|сут\p{L}+|дн\p{L}+|день|недел\p{L}+|месяц\p{L}*|год\p{L}*|лет\p{L}*|зим\p{L}+|"
    r"весн\p{L}+|осен\p{L}+"
)
_COUNTS = (
    r"\d+|пол|дв[ае]|дву\p{L}+|тр[ие]\p{L}*|четыре|пять|шесть|перв\p{L}+|втор\p{L}+|уже|прошл\p{L}+|эт\p{L}+"
)
#: Times that can be found in a calendar, or that last: a date, an hour, since when, how long, how often.
_TIME = whole(
    *(r"\d{1,2}[./]\d{1,2}(?:[./]\d{2,4})?", r"\d{4}-\d\d-\d\d", r"\d{1,2}[:.]\d\d", r"(?:19|20)\d\d"),
    *(
        r"сегодня\p{L}*",
        r"(?:поза)?вчера\p{L}*",
        "завтра",
        "утром",
        "ночью",
        "вечером",
        "днем",
        "сейчас",
        "до сих пор",
    ),
    *("опять", "снова", "постоянно", "всегда", "круглосуточно", "каждый", r"кажд\p{L}+", r"ежедневн\p{L}+"),
    *(
        r"понедельник\p{L}*",
        r"вторник\p{L}*",
        r"сред[ауы]",
        r"четверг\p{L}*",
        r"пятниц\p{L}*",
        r"суббот\p{L}*",
    ),
    *(
        r"воскресень\p{L}*",
        rf"(?:{_MONTHS})\p{{L}}*",
        "марта?",
        "марте",
        "ма[яе]",
        rf"(?:{_COUNTS})[ -]?(?:{_UNITS})",
    ),
    *(
        "today",
        "yesterday",
        "tonight",
        "now",
        "still",
        "again",
        "always",
        "every",
        "daily",
        "since",
        "this morning",
    ),
    *("(?:mon|tues|wednes|thurs|fri|satur|sun)day", "january", "february", "march", "april", "june", "july"),
    *(
        "august",
        "september",
        "october",
        "november",
        "december",
        "(?:this|last) (?:night|week|month|year|winter)",
    ),
    *("(?:\\d+|two|three|four|five|six|an?) (?:minute|hour|day|week|month|year)s?", "at (?:noon|midnight)"),
)
#: Something that happened or is missing, rather than a wish.
_EVENT = whole(
    *("нет", "без", r"не \p{L}+", r"\p{L}{2,}л[аои]?(?:с[ья])?"),
    *("no", "not", "without", r"\p{L}+n't", r"\p{L}{2,}ed", "broken?", "broke", "fell", "gone"),
)
#: Times that say nothing.
_VAGUE = whole(
    *("недавно", "на днях", "как-то раз", "однажды", "некоторое время назад", "давно"),
    *("recently", "the other day", "some time ago", "a while ago", "not long ago"),
)


@dataclass(frozen=True)
class Asked:
    """Which questions stand on the extra page; "" for one that is not asked."""

    where: str = ""
    when: str = ""

    def __bool__(self) -> bool:
        return bool(self.where or self.when)


def questions(seen: Seen, text: str, address: str, *, pack: Pack, home: str) -> Asked:
    """Return what is asked of an appeal to the authority that governs the territory `home`."""
    where = _where(seen, text, address, pack, home)
    folded = fold(text)
    exact = _TIME.search(folded)
    vague = _VAGUE.search(folded)
    when = ""
    if vague and not exact:
        when = _("You wrote “%(words)s”. When was it?") % {"words": vague.group(1)}
    elif where and not exact and _EVENT.search(folded):
        when = _("When did it happen, or since when does it last?")
    return Asked(where, when)


def home_of(pack: Pack, territory: str) -> str:
    """Return the territory of an authority; of one for the whole pack, the root where there is one."""
    if territory:
        return territory
    roots = [code for code, node in pack.territories.items() if not node.parent]
    return roots[0] if len(roots) == 1 else ""


def _where(seen: Seen, text: str, address: str, pack: Pack, home: str) -> str:
    street = _STREET.search(text)
    here = pack.territories.get(home)
    if here is not None and _is_near(pack, here):
        if seen.named or street or address:
            return ""
        return _("Where in %(place)s is it? Name the street and the house, or what is near.") % {
            "place": _title(here)
        }
    found = pack.territories.get(seen.territory)
    if found is not None and _is_near(pack, found) and seen.sure >= SURE:
        return ""
    if street or address:
        return _("You wrote “%(words)s”. Which town or village is it in?") % {
            "words": " ".join(street.group(1).split()) if street else address
        }
    if found is not None and seen.named:
        return _("Where in %(place)s is it? Name the town or village, and the street if there is one.") % {
            "place": _title(found)
        }
    return _("Where is it? Name the town or village, and the street if there is one.")


def _is_near(pack: Pack, node: Territory) -> bool:
    """A city that is a region of its own has nothing below it but its districts."""
    if node.level in _NEAR:
        return True
    below = {n.level for n in pack.territories.values() if n.parent == node.code}
    return node.level == "region" and below <= {"district"}


def _title(node: Territory) -> str:
    return node.title.get(reader.language()) or next(iter(node.title.values()), node.code)
