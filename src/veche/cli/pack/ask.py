"""Asks one thing at a terminal: a text by language, several lines, one of a list."""

from collections.abc import Callable, Mapping, Sequence

import click

from veche.core.i18n import _, language
from veche.picture.words import label


def one(question: str, *, default: str | None = None, valid: Callable[[str], str] | None = None) -> str:
    """Return one answer; an empty one takes `default`, and "" may be a default too.

    `valid` returns what is wrong with an answer, "" for nothing; then it is asked again.
    """
    while True:
        shown = bool(default)
        answer = str(click.prompt(question, default=default, show_default=shown, type=str)).strip()
        wrong = valid(answer) if valid else ""
        if wrong:
            click.secho("  " + wrong, fg="yellow")
        elif answer or default is not None:
            return answer


def text(question: str, languages: Sequence[str], *, needed: bool = True) -> dict[str, str]:
    """Return a text in each language; an optional one may be left empty in the first."""
    found: dict[str, str] = {}
    for i, tag in enumerate(languages):
        asked = f"{question} ({label('language', tag)})" if len(languages) > 1 else question
        answer = one(asked, default=None if needed or i else "")
        if not answer:
            return {}
        found[tag] = answer
    return found


def lines(question: str) -> tuple[str, ...]:
    """Return several answers, one a line, until an empty line."""
    click.echo(question)
    found: list[str] = []
    while True:
        answer = str(click.prompt(f"  {len(found) + 1}", default="", show_default=False)).strip()
        if not answer:
            return tuple(found)
        found.append(answer)


def words(question: str) -> tuple[str, ...]:
    """Return words that were written with commas between; none for an empty answer."""
    answer = one(question, default="")
    return tuple(dict.fromkeys(word.strip() for word in answer.split(",") if word.strip()))


def choice(question: str, options: Mapping[str, str], *, default: str = "") -> str:
    """Return the key of the option that was chosen by its number."""
    keys = list(options)
    click.echo(question)
    for number, key in enumerate(keys, 1):
        click.echo(f"  {number}. {options[key]}")
    first = str(keys.index(default) + 1) if default in options else None

    def valid(answer: str) -> str:
        fits = answer.isascii() and answer.isdigit() and 1 <= int(answer) <= len(keys)
        return "" if fits else _("Type a number from 1 to {n}.").format(n=len(keys))

    return keys[int(one(_("Number"), default=first, valid=valid)) - 1]


def agreed(question: str, *, default: bool = True) -> bool:
    """Whether the answer is yes; an empty one takes `default`."""
    yes = ("y", "yes", "д", "да")
    known = (*yes, "n", "no", "н", "нет")
    marks = {"ru": ("Д/н", "д/Н")}.get(language(), ("Y/n", "y/N"))

    def valid(answer: str) -> str:
        return "" if answer.casefold() in (*known, "") else _("Type yes or no.")

    answer = one(f"{question} [{marks[0] if default else marks[1]}]", default="", valid=valid).casefold()
    return answer in yes if answer else default
