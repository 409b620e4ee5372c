"""The texts of a new pack's files. What they say comes from the answers, whose codes are complete."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from veche.core.i18n import _
from veche.packs.making.answers import Answers, NewClock, NewMeasure, NewProtocol, NewTopic
from veche.packs.making.toml_text import inline, table
from veche.packs.model import Cue, Pack
from veche.packs.text import Phrases, Text, in_language

#: What is masked where no built-in pack speaks the language: types whose form is the same everywhere.
_EVERYWHERE = {"phone": "phone", "email": "e-mail", "card": "card", "url_account": "account name"}


def topics(answers: Answers, section: str) -> str:
    """Return the classifier; topics of a pack that extends another stand in a section of their own."""
    parts = []
    if answers.extends and any(not topic.under for topic in answers.topics):
        parts.append(table("[[topic]]", {"code": section, "title": answers.title}))
    parts += [_topic(topic) for topic in answers.topics]
    return "\n".join(parts)


def _topic(topic: NewTopic) -> str:
    return table(
        "[[topic]]",
        {
            "code": topic.code,
            "title": topic.title,
            "examples": topic.examples,
            "keywords": topic.keywords,
        },
    )


def bodies(answers: Answers) -> str:
    """Return the bodies, each with the topics that name it."""
    return "\n".join(
        table(
            "[[body]]",
            {
                "code": body.code,
                "title": body.title,
                "level": body.level,
                "topics": [topic.code for topic in answers.topics if topic.body == body.code],
                "contact": body.contact,
                "territory": answers.place.code,
            },
        )
        for body in answers.bodies
    )


def calendar(answers: Answers) -> str:
    """Return the calendar: the country's holidays, Saturday and Sunday."""
    return table("", {"country": answers.country, "weekend": ["saturday", "sunday"]})


def clock(new: NewClock) -> str:
    """Return the deadlines: one, not checked yet."""
    values = {
        "code": new.code,
        "title": new.title,
        "starts": new.starts,
        "length": new.length,
        "unit": new.unit,
        "legal": new.legal,
        "source": new.source,
    }
    return table("[[clock]]", values) + 'checked = ""\n'


def protocol(new: NewProtocol) -> str:
    """Return a standard response to complaints and requests on its topic, not checked yet."""
    head = table("", {"code": new.code, "title": new.title, "legal": new.legal}) + 'checked = ""\n'
    tests = [
        inline({"fact": "topic", "op": "under", "value": new.topic}),
        inline({"fact": "kind", "op": "in", "value": ["complaint", "request"]}),
    ]
    when = "[when]\nall = [\n" + "".join(f"  {test},\n" for test in tests) + "]\n"
    texts = "\n".join(f"# {tag}\n\n{text.strip()}\n" for tag, text in new.text.items())
    return f"+++\n{head}\n{when}+++\n\n{texts}"


def measure(new: NewMeasure) -> dict[str, str]:
    """Return a support measure with its examples, not checked yet, and the fact that it asks about."""
    fact = new.code.replace("-", "_") + "_applies"
    titles = {tag: question.rstrip(" ?") for tag, question in new.question.items()}
    asked = table("[[fact]]", {"code": fact, "type": "boolean", "title": titles, "question": new.question})
    head = table(
        "[[measure]]",
        {
            "code": new.code,
            "title": new.title,
            "gives": new.gives,
            "documents": new.documents,
            "legal": new.legal,
            "source": new.source,
            "body": new.body,
            "topics": [new.topic],
        },
    )
    tests: list[dict[str, Any]] = [{"fact": fact, "op": "=", "value": True}]
    if new.least_age:
        tests.append({"fact": "age", "op": ">=", "value": new.least_age})
    entitled = "[measure.entitled]\nall = [\n" + "".join(f"  {inline(t)},\n" for t in tests) + "]\n"
    examples = "\n".join(_examples(fact, new.least_age))
    text = f'{head}checked = ""\n\n{entitled}\n{examples}'
    return {"facts.toml": asked, f"measures/{new.code}.toml": text}


def _examples(fact: str, least_age: int) -> Iterable[str]:
    """Yield one who is entitled, those who are not, and one of whom it cannot be told."""
    old = {"age": least_age} if least_age else {}
    yield _example({fact: True, **old}, "true")
    yield _example({fact: False, **old}, "false")
    if least_age:
        yield _example({fact: True, "age": least_age - 1}, "false")
    yield _example(old, '"unknown"')


def _example(facts: Mapping[str, Any], entitled: str) -> str:
    told = inline(facts) if facts else "{}"
    return f"[[measure.example]]\nfacts = {told}\nentitled = {entitled}\n"


def words(answers: Answers, source: Pack | None) -> dict[str, str]:
    """Return kinds, urgency, groups and masks: those of `source` in the pack's languages, else one's own."""
    if source is None:
        return _own_words(answers)
    tags = answers.languages
    masks = ({"type": r.type, "label": _labels(r.label, tags)} for r in source.recognisers)
    negations = table("", {"negations": _only(source.negations, tags)})
    note = "# " + _("Copied from the pack “{pack}”, version {version}.").format(
        pack=source.code, version=source.version
    )
    files = {
        "kinds.toml": _cues("kind", source.kinds, tags),
        "urgency.toml": f"{negations}\n{_cues('urgency', source.urgencies, tags)}",
        "groups.toml": _cues("group", source.groups, tags),
        "masks.toml": "\n".join(table("[[recogniser]]", mask) for mask in masks),
    }
    return {name: f"{note}\n\n{text}" for name, text in files.items()}


def _cues(name: str, cues: Iterable[Cue], tags: Sequence[str]) -> str:
    return "\n".join(
        table(
            f"[[{name}]]",
            {
                "family": cue.family,
                "value": cue.value,
                "phrases": _only(cue.phrases, tags),
                "not": _only(cue.not_, tags),
                "examples": _only(cue.examples, tags),
                "pair": [
                    {"one": _only(pair.one, tags), "other": _only(pair.other, tags)} for pair in cue.pairs
                ],
            },
        )
        for cue in cues
    )


def _only(phrases: Phrases, tags: Sequence[str]) -> Phrases:
    return {tag: phrases[tag] for tag in tags if tag in phrases}


def _labels(label: Text, tags: Sequence[str]) -> Text:
    """Return a label in each language; where the source lacks one, it lends that of another."""
    return {tag: in_language(label, tag, *tags, "en") for tag in tags}


def _own_words(answers: Answers) -> dict[str, str]:
    tag, own = answers.languages[0], answers.phrases
    kinds = [
        table("[[kind]]", {"value": kind, "phrases": {tag: own.get(kind, ())}})
        for kind in ("question", "complaint", "request", "thanks")
        if own.get(kind)
    ]
    masks = (
        {"type": kind, "label": _labels({"en": label}, answers.languages)}
        for kind, label in _EVERYWHERE.items()
    )
    found = {
        "kinds.toml": "\n".join(kinds),
        "masks.toml": "\n".join(table("[[recogniser]]", m) for m in masks),
    }
    if own.get("life"):
        found["urgency.toml"] = table("[[urgency]]", {"value": "life", "phrases": {tag: own["life"]}})
    if own.get("elderly"):
        values = {"family": "age", "value": "65+", "phrases": {tag: own["elderly"]}}
        found["groups.toml"] = table("[[group]]", values)
    return found
