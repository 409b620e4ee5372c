"""Options that several commands share, in the words of the language in force."""

import click

from veche.core.i18n import _


def multi() -> click.Option:
    """Facets of which an appeal may have several labels."""
    return click.Option(
        ["--multi"],
        metavar=_("NAME"),
        multiple=True,
        help=_("An appeal may have several labels of NAME, or none."),
    )


def paths() -> click.Option:
    """The separator of levels in the labels of a facet."""
    return click.Option(
        ["--path", "paths"],
        metavar=_("NAME=SEPARATOR"),
        multiple=True,
        help=_("Labels of NAME are paths, for example topic=“>” for “Housing > Water”."),
    )


def mapping() -> click.Option:
    """Which column holds which field."""
    return click.Option(
        ["--map", "mapping"],
        multiple=True,
        metavar=_("FIELD=COLUMN"),
        help=_("Which column holds a field, for example text=“Текст”; without it, found by name."),
    )


def limit() -> click.Option:
    """How many rows are read."""
    return click.Option(
        ["--limit"], metavar=_("N"), type=click.IntRange(1), help=_("Read so many rows at most.")
    )


def workers() -> click.Option:
    """How many processes work."""
    return click.Option(
        ["--workers"],
        metavar=_("N"),
        type=click.IntRange(0),
        default=0,
        help=_("Worker processes; one per core without it."),
    )


def seed() -> click.Option:
    """The seed of all chance."""
    return click.Option(
        ["--seed"],
        metavar=_("N"),
        type=click.IntRange(0),
        default=7,
        show_default=True,
        help=_("Seed of all chance."),
    )
