"""The interview of `veche pack new`: what the pack is, where it is, what to listen for."""

import zoneinfo
from collections.abc import Sequence

import click

from veche.cli.pack import ask, interview_topics
from veche.cli.pack.zones import country_of_zone, system_zone
from veche.core.i18n import _, language
from veche.packs import Pack, available_packs, load_pack
from veche.packs.making.answers import OWN_WORDS, Answers, Place
from veche.packs.making.codes import code_of
from veche.packs.rules.calendars import supported
from veche.packs.tables import CODE, TAG
from veche.packs.text import Text
from veche.packs.tree import path_of
from veche.picture.words import title

#: So many places of one name are offered; of more, a longer name has to be typed.
_MOST_PLACES = 9


def interview(folder_name: str) -> Answers:
    """Ask everything and return the answers; nothing is written."""
    click.echo(_("A few questions, then the pack is written. Ctrl-C stops at any time and leaves nothing."))
    languages = _languages()
    _section(_("The pack"))
    name = ask.text(_("Title of the pack, such as the town"), languages)
    code = ask.one(_("Code of the pack"), default=code_of(folder_name, default="pack"), valid=_no_code)
    zone = ask.one(_("Time zone"), default=system_zone(), valid=_no_zone)
    country = ask.one(
        _("Country of the public holidays (code such as RU or US)"),
        default=country_of_zone(zone) or None,
        valid=_no_country,
    ).upper()
    licence = ask.one(_("Licence of what you write"), default="CC0-1.0")
    extends, words = _base(languages, country)
    base = load_pack(extends) if extends else None
    phrases = {} if extends or words else _phrases()
    _section(_("The place"))
    place, same_as, inside = _place(name, base)
    districts = _districts(languages)
    topics, bodies = interview_topics.topics(languages, base)
    known = interview_topics.Known(languages, topics, bodies)
    return Answers(
        code=code,
        title=name,
        languages=languages,
        timezone=zone,
        country=country,
        licence=licence,
        place=place,
        districts=districts,
        topics=topics,
        bodies=bodies,
        extends=extends,
        same_as=same_as,
        inside=inside,
        words=words,
        phrases=phrases,
        clock=interview_topics.clock(known),
        protocol=interview_topics.protocol(known),
        measure=interview_topics.measure(known),
    )


def _section(heading: str) -> None:
    click.echo()
    click.secho(heading, bold=True)


def _languages() -> tuple[str, ...]:
    def wrong(answer: str) -> str:
        tags = answer.replace(",", " ").split()
        return "" if tags and all(map(TAG.fullmatch, tags)) else _("Write tags such as: ru en")

    answer = ask.one(_("Languages, the main one first (tags)"), default=language(), valid=wrong)
    return tuple(dict.fromkeys(answer.replace(",", " ").split()))


def _no_code(answer: str) -> str:
    fits = CODE.fullmatch(answer) and "." not in answer
    return "" if fits else _("Use lower-case Latin letters, digits and hyphens.")


def _no_zone(answer: str) -> str:
    known = answer in zoneinfo.available_timezones()
    return "" if known else _("There is no such time zone; write it as Europe/Moscow.")


def _no_country(answer: str) -> str:
    known = bool(answer) and supported(answer.upper())
    return "" if known else _("The calendar does not know this country; use its two letters of ISO 3166.")


def _base(languages: Sequence[str], country: str) -> tuple[str, str]:
    """Return the pack to extend and the pack to take words from; one or both are ""."""
    speaking = {name: load_pack(name) for name in available_packs()}
    speaking = {name: pack for name, pack in speaking.items() if languages[0] in pack.languages}
    if not speaking:
        return "", ""
    options, default = {}, ""
    for name, pack in speaking.items():
        named = title(pack.title, language())
        if any(place.level == "country" for place in pack.territories.values()):
            options[f"extends {name}"] = _(
                "Extend “{pack}”: all its topics, bodies and laws, and yours besides"
            ).format(pack=named)
            if pack.calendar is None or pack.calendar.country == country:
                default = default or f"extends {name}"
        options[f"words {name}"] = _(
            "Take only the words of “{pack}” for kinds, urgency, groups and masks"
        ).format(pack=named)
    options["none "] = _("Begin with words of my own")
    chosen = ask.choice(_("What should the pack build on?"), options, default=default or next(iter(options)))
    how, _blank, name = chosen.partition(" ")
    return (name, "") if how == "extends" else ("", name)


def _phrases() -> dict[str, tuple[str, ...]]:
    click.echo(_("No words are taken over, so the pack needs a few. Write them with commas between."))
    questions = {
        "question": _("Words of a question, such as “how do I”"),
        "complaint": _("Words of a complaint"),
        "request": _("Words of a request"),
        "thanks": _("Words of thanks"),
        "life": _("Words that mean danger to life, such as “smell of gas”"),
        "elderly": _("Words by which old people speak of themselves"),
    }
    return {name: _some(questions[name]) for name in OWN_WORDS}


def _some(question: str) -> tuple[str, ...]:
    while not (found := ask.words(question)):
        click.secho("  " + _("At least one is needed."), fg="yellow")
    return found


def _place(name: Text, base: Pack | None) -> tuple[Place, str, str]:
    """Return the place, and the territory of the extended pack that it is or lies in."""
    tags = tuple(name)
    if base is None:
        return Place(ask.text(_("Name of the place"), tags), ask.words(_names_asked())), "", ""
    asked = ask.one(_("Name of the place, as “{pack}” knows it").format(pack=title(base.title, language())))
    found = _known_place(asked, base)
    if found:
        return Place(base.territories[found].title), found, ""
    click.echo(_("The pack does not know it, so it becomes a new place."))
    inside = ""
    while not inside:
        inside = _known_place(ask.one(_("Which region or town does it lie in?")), base)
    titles = {tag: ask.one(f"{_('Name of the place')} ({tag})", default=asked) for tag in tags}
    return Place(titles, ask.words(_names_asked())), "", inside


def _names_asked() -> str:
    return _("Other names that people use for it, with commas (Enter: none)")


def _known_place(name: str, base: Pack) -> str:
    """Return the code of the territory of that name, asking where there are several; "" for none."""
    wanted = name.casefold()
    exact, partly = {}, {}
    for code, place in base.territories.items():
        names = [*place.title.values(), *(n for several in place.names.values() for n in several)]
        line = ", ".join(
            title(base.territories[c].title, language()) for c in path_of(code, base.territories)
        )
        if any(n.casefold() == wanted for n in names) or code == wanted:
            exact[code] = line
        elif any(wanted in n.casefold() for n in names):
            partly[code] = line
    options = exact or partly
    if not options or len(options) > _MOST_PLACES:
        return ""
    return ask.choice(_("Is it one of these?"), {**options, "": _("none of them")})


def _districts(languages: Sequence[str]) -> tuple[Place, ...]:
    click.echo(
        _("Districts or neighbourhoods, one a line; other names after a bar: Centre | City Centre.")
        + " "
        + _("An empty line ends the list.")
    )
    found = []
    for line in ask.lines(""):
        first, *others = (piece.strip() for piece in line.split("|"))
        titles = {languages[0]: first}
        for tag in languages[1:]:
            titles[tag] = ask.one(f"    {first} ({tag})", default=first)
        found.append(Place(titles, tuple(name for name in others if name)))
    return tuple(found)
