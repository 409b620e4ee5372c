"""The columns of a sheet of corrections: what they are called in the reader's language, and which is which.

A sheet that was written in one language is read whatever the language in force.
"""

from collections.abc import Sequence

from veche.core.i18n import LANGUAGES, _, speaking
from veche.learn.spelling import key

#: The columns by their own names, which are also their English headers.
ID, FOREIGN, TEXT, FACET, VALUE = "appeal_id", "foreign_id", "text", "facet", "value"


def headers() -> dict[str, str]:
    """Return the header of each column in the language in force."""
    return {
        ID: _("appeal_id"),
        FOREIGN: _("foreign_id"),
        TEXT: _("text"),
        FACET: _("facet"),
        VALUE: _("value"),
    }


def suggestion(number: int) -> str:
    """Return the header of the column with the suggested label of that number, from 1."""
    return _("suggestion_{number}").format(number=number)


def columns_of(names: Sequence[str]) -> dict[str, str]:
    """Return, for each column, which of the headers `names` is its own, in any language; else its name."""
    at = {key(name): name for name in reversed(names)}
    found = {}
    for language in LANGUAGES:
        with speaking(language):
            found |= {
                column: at[key(title)]
                for column, title in headers().items()
                if column not in found and key(title) in at
            }
    return {column: column for column in (ID, FOREIGN, TEXT, FACET, VALUE)} | found
