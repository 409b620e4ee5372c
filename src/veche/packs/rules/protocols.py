"""Standard responses: which apply to an appeal, and their text with the fields filled in.

Filling replaces known names in braces by values and does nothing else: a value is never read as a template.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from veche.packs.model import Pack
from veche.packs.rules.conditions import comparisons, evaluate
from veche.packs.rules.dates import valid_on
from veche.packs.rules.facts import known_facts
from veche.packs.rules.model import PROTOCOL_FIELDS, Facts, Protocol
from veche.packs.tree import path_of

_FIELD = re.compile("{(" + "|".join(PROTOCOL_FIELDS) + ")}")


def applicable(pack: Pack, facts: Facts, day: date) -> list[Protocol]:
    """Return the protocols that are in force on `day` and apply: those for threats to life, then the most
    specific first.

    More specific is the one that names a deeper topic on the path of the appeal's, then the one with more
    comparisons; the code decides between equals. One whose condition is unknown does not apply.
    """
    found = [
        protocol
        for protocol in pack.protocols.values()
        if valid_on(protocol, day) and evaluate(protocol.when, facts, pack=pack).value
    ]
    return sorted(found, key=lambda protocol: _generality(protocol, facts, pack))


def _generality(protocol: Protocol, facts: Facts, pack: Pack) -> tuple[bool, int, int, str]:
    # From the topic of the appeal upwards: the first step that the protocol names is its deepest topic.
    path = tuple(path_of(str(facts.get("topic", "")), pack.topics))
    known = known_facts(pack)
    compares = tuple(comparisons(protocol.when))
    named = {
        code
        for compare in compares
        if known[compare.fact].type == "topic"
        for code in (compare.value if isinstance(compare.value, tuple) else (compare.value,))
    }
    steps = next((step for step, code in enumerate(path) if code in named), len(path))
    life = any((c.fact, c.op, c.value) == ("urgency", "=", "life") for c in compares)
    return not life, steps - len(path), -len(compares), protocol.code


@dataclass(frozen=True)
class Filled:
    """The text of a protocol. Fields without a value stand in it in their braces and in `missing`."""

    text: str
    #: The language of the text: the one that was asked for, or the first that the protocol has.
    language: str
    missing: tuple[str, ...]


def fill(protocol: Protocol, language: str, fields: Mapping[str, str]) -> Filled:
    """Return the text of `protocol` with the values of `fields` in place of the fields.

    The values stand in it as they are, so whoever shows the text as HTML sanitises it. An empty value counts
    as none.
    """
    chosen = language if language in protocol.text else next(iter(protocol.text))
    text = protocol.text[chosen]
    missing = (name for name in _FIELD.findall(text) if not fields.get(name))
    filled = _FIELD.sub(lambda match: fields.get(match[1]) or match[0], text)
    return Filled(filled, chosen, tuple(dict.fromkeys(missing)))
