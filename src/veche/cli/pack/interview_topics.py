"""The second half of the interview: topics and who answers, a deadline, a response, a measure."""

from collections.abc import Sequence
from dataclasses import dataclass

import click

from veche.cli.pack import ask
from veche.cli.pack.words import level_title, start_title
from veche.core.i18n import _, language
from veche.packs import Pack
from veche.packs.checks.topics import EXAMPLES_FIRST, EXAMPLES_OTHER
from veche.packs.making.answers import NewBody, NewClock, NewMeasure, NewProtocol, NewTopic
from veche.packs.making.codes import code_of
from veche.packs.model import BODY_LEVELS
from veche.packs.rules.model import CLOCK_STARTS, PROTOCOL_FIELDS
from veche.packs.text import in_language
from veche.packs.tree import leaves
from veche.picture.words import label

#: With fewer topics there is nothing to tell apart.
_TOPICS_WANTED = 3


@dataclass(frozen=True)
class Known:
    """What was answered so far."""

    languages: tuple[str, ...]
    topics: tuple[NewTopic, ...]
    bodies: tuple[NewBody, ...]


def topics(languages: tuple[str, ...], base: Pack | None) -> tuple[tuple[NewTopic, ...], tuple[NewBody, ...]]:
    """Ask for topics until there are enough, each with examples and the body that answers."""
    _section(_("What people write about"))
    found: list[NewTopic] = []
    bodies: list[NewBody] = []
    while True:
        click.echo()
        asked = _("Topic {n}: its title").format(n=len(found) + 1)
        if found:
            asked += " " + _("(Enter: no more)")
        name = ask.text(asked, languages, needed=not found)
        if name:
            found.append(_topic(name, languages, bodies, base))
        elif base or len(found) >= _TOPICS_WANTED or _go_on_with(len(found)):
            return tuple(found), tuple(bodies)


def _go_on_with(n: int) -> bool:
    click.echo(
        _(
            "{n} of {wanted} topics. With fewer there is little to tell apart: most appeals will fall to one "
            "topic, whether they belong there or not."
        ).format(n=n, wanted=_TOPICS_WANTED)
    )
    return ask.agreed(_("Go on with these?"), default=False)


def _topic(
    name: dict[str, str], languages: Sequence[str], bodies: list[NewBody], base: Pack | None
) -> NewTopic:
    click.echo("  " + _("Code: {code}").format(code=_code(name)))
    under = _under(base) if base else ""
    examples = {
        tag: _examples(tag, EXAMPLES_OTHER if i else EXAMPLES_FIRST) for i, tag in enumerate(languages)
    }
    keywords = {
        languages[0]: ask.words(_("Words that give it away, with commas; * for any ending (Enter: none)"))
    }
    return NewTopic(
        title=name,
        body=_body(languages, bodies),
        examples={tag: lines for tag, lines in examples.items() if lines},
        keywords={tag: words for tag, words in keywords.items() if words},
        under=under,
    )


def _code(name: dict[str, str]) -> str:
    return code_of(name.get("en") or next(iter(name.values())))


def _under(base: Pack) -> str:
    """Ask for a topic of the extended pack that has topics below it: one without would lose its examples."""
    branches = base.topics.keys() - set(leaves(base.topics))

    def wrong(answer: str) -> str:
        if not answer or answer in branches:
            return ""
        return _("No topic with topics below it has this code. There are: {codes}.").format(
            codes=", ".join(sorted(branches))
        )

    return ask.one(
        _("Code of the topic it goes under (Enter: a section of its own)"), default="", valid=wrong
    )


def _examples(tag: str, wanted: int) -> tuple[str, ...]:
    found: tuple[str, ...] = ()
    question = _(
        "Sentences as people would write them, one a line: angry, tired, formal, short ({language})."
    )
    while True:
        found += ask.lines(question.format(language=label("language", tag)))
        if len(found) >= wanted:
            return found
        click.echo(
            _(
                "{n} of {wanted}. With fewer the topic is recognised less often and less surely, and “veche "
                "pack check” names it until there are enough."
            ).format(n=len(found), wanted=wanted)
        )
        if found and ask.agreed(_("Go on with these?"), default=False):
            return found


def _body(languages: Sequence[str], bodies: list[NewBody]) -> str:
    """Return the code of the body that answers, a new one where it is not among `bodies` yet."""
    if bodies:
        options = {body.code: in_language(body.title, language()) for body in bodies}
        chosen = ask.choice(
            _("Who answers for it?"), {**options, "": _("another body")}, default=bodies[-1].code
        )
        if chosen:
            return chosen
        name = ask.text(_("Title of the body"), languages)
    else:
        name = ask.text(_("Who answers for it? Title of the body"), languages)
    levels = {level: level_title(level) for level in BODY_LEVELS}
    body = NewBody(
        title=name,
        level=ask.choice(_("Its level"), levels, default="city"),
        contact=ask.one(_("Address where appeals are handed in (Enter: none)"), default=""),
        code=code_of(name.get("en") or next(iter(name.values())), taken={known.code for known in bodies}),
    )
    click.echo("  " + _("Code: {code}").format(code=body.code))
    bodies.append(body)
    return body.code


def clock(known: Known) -> NewClock | None:
    """Ask for one deadline."""
    _section(_("A deadline"))
    if not ask.agreed(_("Is there a deadline that the law or a rule sets for answers?")):
        return None
    units = {
        "calendar_day": _("calendar days"),
        "working_day": _("working days"),
        "hour": _("hours"),
        "month": _("months"),
    }
    return NewClock(
        title=ask.text(_("Title of the deadline"), known.languages),
        starts=ask.choice(
            _("Counted"), {event: start_title(event) for event in CLOCK_STARTS}, default="registered"
        ),
        length=int(ask.one(_("How many"), default="30", valid=_no_length)),
        unit=ask.choice(_("Of what"), units, default="calendar_day"),
        legal=ask.one(_("Which law or rule says so, with article")),
        source=ask.one(_("Where it can be read (address on the web or a book)")),
    )


def _no_length(answer: str) -> str:
    fits = answer.isascii() and answer.isdigit() and 0 < int(answer) <= 100_000
    return "" if fits else _("Type a whole number.")


def protocol(known: Known) -> NewProtocol | None:
    """Ask for one standard response."""
    _section(_("A standard response"))
    if not ask.agreed(_("Write a standard response for one topic?")):
        return None
    topic = _topic_chosen(_("For which topic?"), known)
    name = ask.text(_("Title of the response"), known.languages)
    fields = ", ".join(f"{{{field}}}" for field in PROTOCOL_FIELDS)
    click.echo(_("These stand for what is filled in later: {fields}.").format(fields=fields))
    texts = {}
    for tag in known.languages:
        question = _("Text, line by line; an empty line ends it ({language}).")
        while not texts.get(tag):
            texts[tag] = "\n".join(ask.lines(question.format(language=label("language", tag))))
    legal = ask.one(_("Legal basis (Enter: none)"), default="")
    return NewProtocol(title=name, topic=topic, text=texts, legal=(legal,) if legal else ())


def measure(known: Known) -> NewMeasure | None:
    """Ask for one support measure."""
    _section(_("A support measure"))
    if not ask.agreed(_("Add a support measure that people can be pointed to?")):
        return None
    name = ask.text(_("Title of the measure"), known.languages)
    gives = ask.text(_("What people get"), known.languages)
    question = ask.text(
        _("Who is entitled? Write it as a question that a person answers with yes or no"), known.languages
    )
    age = ask.one(_("From which age on (Enter: any)"), default="", valid=_no_age)
    documents = {
        tag: ask.words(_("Documents, with commas ({language})").format(language=label("language", tag)))
        for tag in known.languages
    }
    bodies = {body.code: in_language(body.title, language()) for body in known.bodies}
    return NewMeasure(
        title=name,
        gives=gives,
        documents=documents,
        legal=(ask.one(_("Which law or rule says so, with article")),),
        source=ask.one(_("Where it can be read (address on the web or a book)")),
        body=ask.choice(_("Who grants it?"), bodies),
        topic=_topic_chosen(_("Which topic does it belong to?"), known),
        question=question,
        least_age=int(age or 0),
    )


def _no_age(answer: str) -> str:
    fits = not answer or (answer.isascii() and answer.isdigit() and 0 < int(answer) <= 120)
    return "" if fits else _("Type a whole number.")


def _topic_chosen(question: str, known: Known) -> str:
    options = {in_language(topic.title, *known.languages): "" for topic in known.topics}
    return ask.choice(question, {name: name for name in options})


def _section(heading: str) -> None:
    click.echo()
    click.secho(heading, bold=True)
