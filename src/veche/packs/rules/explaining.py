"""Verdicts in words: why a condition holds, does not, or cannot be told."""

from collections.abc import Iterator

from veche.core.i18n import _
from veche.packs.model import Pack
from veche.packs.rules.conditions import Verdict
from veche.packs.rules.facts import known_facts
from veche.packs.rules.model import AllOf, AnyOf, Compare
from veche.packs.rules.wording import Naming, as_it_is, comparison_words, value_words


def explain(verdict: Verdict, pack: Pack, *, named: Naming = as_it_is) -> list[str]:
    """Return why `verdict` is as it is, in the language of all messages; parts are indented by two spaces.

    Each line begins with yes, no or unknown; comparisons end with the value that is known, where they do not
    say it themselves. `named` gives the titles of words such as kinds, which a pack does not hold.
    """
    return list(_lines(verdict, pack, named, depth=0))


def _lines(verdict: Verdict, pack: Pack, named: Naming, *, depth: int) -> Iterator[str]:
    answer = {True: _("yes"), False: _("no"), None: _("unknown")}[verdict.value]
    yield f"{'  ' * depth}{answer} — {_words(verdict, pack, named)}"
    for part in verdict.parts:
        yield from _lines(part, pack, named, depth=depth + 1)


def _words(verdict: Verdict, pack: Pack, named: Naming) -> str:
    condition = verdict.condition
    match condition:
        case AllOf():
            return _("all of these:")
        case AnyOf():
            return _("at least one of these:")
        case Compare():
            words = comparison_words(condition, pack, named)
            known = _known(condition, verdict, pack, named)
            return f"{words} ({known})" if known else words
        case _:
            return _("not this:")


def _known(compare: Compare, verdict: Verdict, pack: Pack, named: Naming) -> str:
    fact = known_facts(pack)[compare.fact]
    found = []
    said_already = compare.op == "=" and verdict.value
    if verdict.known is not None and not said_already:
        value = value_words(verdict.known, fact, pack, named) or _("none")
        found.append(_("it is {value}").format(value=value))
    if compare.other and verdict.bound is not None:
        found.append(_("the bound is {value}").format(value=value_words(verdict.bound, fact, pack, named)))
    return ", ".join(found)
