"""Conditions in words that a person reads, in the reader's language.

It only puts them into words; what they mean for an appeal is decided in `veche.packs.rules.conditions`.
"""

from collections.abc import Callable, Iterator, Mapping

from veche.core.formats import formats
from veche.core.i18n import _, language
from veche.packs.model import Pack
from veche.packs.rules.facts import known_facts
from veche.packs.rules.model import AllOf, AnyOf, Compare, Condition, Fact, FactValue, Not
from veche.packs.text import in_language

#: What a word is called: the fact that it is a value of, and the word.
Naming = Callable[[str, str], str]


def condition_lines(condition: Condition, pack: Pack, *, named: Naming | None = None) -> list[str]:
    """Return a condition as lines; what belongs together is indented by two spaces more.

    `named` gives the titles of words such as kinds and channels, which a pack does not hold.
    """
    return list(_lines(condition, pack, named or as_it_is, depth=0))


def as_it_is(fact: str, word: str) -> str:  # noqa: ARG001
    """Return a word by itself, where nobody has a title for it."""
    return word


def _lines(condition: Condition, pack: Pack, named: Naming, *, depth: int) -> Iterator[str]:
    indent = "  " * depth
    match condition:
        case Compare():
            yield indent + comparison_words(condition, pack, named)
            return
        case AllOf(parts):
            yield indent + _("all of these:")
        case AnyOf(parts):
            yield indent + _("at least one of these:")
        case Not(part):
            parts = (part,)
            yield indent + _("not this:")
    for part in parts:
        yield from _lines(part, pack, named, depth=depth + 1)


def _templates(kind: str) -> Mapping[str, str]:
    """Return the wording of each operator; days come before and after, other values are less and more."""
    days = {
        "<": _("{fact}: before {value}"),
        "<=": _("{fact}: {value} or before"),
        ">": _("{fact}: after {value}"),
        ">=": _("{fact}: {value} or after"),
    }
    return {
        "=": "{fact}: {value}",
        "!=": _("{fact}: not {value}"),
        "<": _("{fact}: less than {value}"),
        "<=": _("{fact}: at most {value}"),
        ">": _("{fact}: more than {value}"),
        ">=": _("{fact}: at least {value}"),
        "in": _("{fact}: one of {value}"),
        "not in": _("{fact}: none of {value}"),
        "has": _("{fact}: among them {value}"),
        "under": _("{fact}: {value} or what lies below it"),
        **(days if kind == "date" else {}),
    }


def comparison_words(compare: Compare, pack: Pack, named: Naming) -> str:
    """Return one comparison in words."""
    facts = known_facts(pack)
    fact = facts.get(compare.fact)
    if compare.other:
        value = _("“{title}”").format(title=fact_title(facts.get(compare.other), compare.other))
        if compare.times != 1:
            value = f"{number_text(compare.times)} × {value}"
    else:
        value = value_words(compare.value, fact, pack, named)
    template = _templates(fact.type if fact else "").get(compare.op, "{fact} " + compare.op + " {value}")
    return template.format(fact=fact_title(fact, compare.fact), value=value)


def fact_title(fact: Fact | None, code: str) -> str:
    """Return what a fact is called in the reader's language, its code where nobody named it."""
    return (in_language(fact.title, language()) if fact else "") or code


def value_words(value: FactValue | None, fact: Fact | None, pack: Pack, named: Naming) -> str:
    """Return a value of `fact` in words: numbers with their unit, codes with their titles."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int | float):
        unit = in_language(fact.unit, language()) if fact else ""
        return f"{number_text(value)} {unit}".strip()
    if isinstance(value, tuple | list | frozenset):
        items = sorted(value) if isinstance(value, frozenset) else value
        return ", ".join(value_words(item, fact, pack, named) for item in items)
    if isinstance(value, str) or value is None:
        return _titled(value or "", fact, pack, named)
    return formats(language()).day(value)


def _titled(code: str, fact: Fact | None, pack: Pack, named: Naming) -> str:
    nodes = {"topic": pack.topics, "territory": pack.territories, "body": pack.bodies}
    if fact is None or fact.type not in nodes:
        return named(fact.code if fact else "", code)
    node = nodes[fact.type].get(code)
    return f"{in_language(node.title, language(), *pack.languages)} ({code})" if node else code


def number_text(value: float) -> str:
    """Return a number as the reader writes it, with as many decimals as it has (six at most)."""
    digits = 0 if float(value).is_integer() else len(f"{value:.6f}".rstrip("0").partition(".")[2])
    return formats(language()).number(value, digits=digits)
