"""Texts: every one in every language of the pack, and every part of a pack there."""

from collections.abc import Iterator, Mapping

from veche.core.i18n import _
from veche.packs.checks.ground import Ground


def check(ground: Ground) -> None:
    """Note texts that are missing in a language, and parts that the pack does not have."""
    _titles(ground)
    _texts(ground)
    _parts_there(ground)


def _titles(ground: Ground) -> None:
    pack = ground.pack
    titled = (
        *(("topic", code, topic.title) for code, topic in pack.topics.items()),
        *(("body", code, body.title) for code, body in pack.bodies.items()),
        *(("recogniser", r.type, r.label) for r in pack.recognisers),
        *(("territory", code, territory.title) for code, territory in pack.territories.items()),
        *(("fact", code, fact.title) for code, fact in pack.facts.items()),
        *(("clock", code, clock.title) for code, clock in pack.clocks.items()),
        *(("protocol", code, protocol.title) for code, protocol in pack.protocols.items()),
        *(("measure", code, measure.title) for code, measure in pack.measures.items()),
    )
    for part, code, title in titled:
        missing = [tag for tag in pack.languages if tag not in title]
        # A title that is missing in all of them keeps the pack from loading, and has been noted.
        if title and missing:
            ground.gap(
                part,
                code,
                _("“{code}” has no title in: {languages}.").format(code=code, languages=", ".join(missing)),
                _("Add it, or take the language out of “languages” in pack.toml."),
            )


def _texts(ground: Ground) -> None:
    for part, code, key, text, wanted in _all_texts(ground):
        missing = [tag for tag in ground.pack.languages if tag not in text]
        if missing and (text or wanted):
            ground.gap(
                part,
                code,
                _("“{code}” has no “{key}” in: {languages}.").format(
                    code=code, key=key, languages=", ".join(missing)
                ),
                _("Add it, or take the language out of “languages” in pack.toml."),
            )


def _all_texts(ground: Ground) -> Iterator[tuple[str, str, str, Mapping[str, object], bool]]:
    """Yield (part, code, key, text by language, whether it must be there at all)."""
    pack = ground.pack
    for code, fact in pack.facts.items():
        yield "fact", code, "question", fact.question, True
        yield "fact", code, "unit", fact.unit, False
    for code, clock in pack.clocks.items():
        yield "clock", code, "extension_notice", clock.extension_notice, False
    for code, protocol in pack.protocols.items():
        yield "protocol", code, "text", protocol.text, True
    for code, measure in pack.measures.items():
        yield "measure", code, "gives", measure.gives, True
        yield "measure", code, "documents", measure.documents, True


def _parts_there(ground: Ground) -> None:
    pack = ground.pack
    parts = {
        "topics/*.toml": pack.topics,
        "bodies.toml": pack.bodies,
        "territories.csv": pack.territories,
        "kinds.toml": pack.kinds,
        "urgency.toml": pack.urgencies,
        "groups.toml": pack.groups,
        "masks.toml": pack.recognisers,
    }
    for name, part in parts.items():
        if not (part or ground.unread(name.partition("*")[0]) or ground.unread("pack.toml")):
            ground.problems.add(
                name.replace("*", "…"),
                1,
                _("The pack has no {part}.").format(part=name),
                _("Without it the stage that needs it decides nothing; add the file."),
                serious=False,
            )
