"""Searches by words: Russian and English whatever their endings, "phrases", or, -without.

The index of the database tells all that fit, however many; how well each fits is asked only of as many as a
person could look at. What stands in the index knows words and not where they stand: a phrase is looked for in
the texts themselves, in the newest that hold all of its words.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from veche.service.search.ids import binary_rows
from veche.service.sql import row

#: Characters of a word beyond which the database has no entry for it (2,047 bytes of a lexeme).
LONGEST_WORD = 500
#: Texts that are looked through for a phrase, and texts of which it is told how well they fit.
LOOKED_THROUGH = 20_000
RANKED = 2_000
#: Stand around found words in what the database sends; no text keeps them (private use, Unicode 23.5).
OPENS, CLOSES = "\ue000", "\ue001"

_READ = """
SELECT q::text, numnode(q) > 0, querytree(q) NOT IN ('', 'T'), q::text ~ '<(-|[0-9]+)>',
    regexp_replace(q::text, '<(-|[0-9]+)>', '&', 'g')
FROM veche_asked(%s) AS q
"""
_FIND = "SELECT veche_search(%s::tsquery)"
_THROUGH = "SELECT appeal_id FROM inbox_appealtext WHERE appeal_id = ANY(%s) AND search @@ %s::tsquery"
_RANK = "SELECT appeal_id, ts_rank(search, %s::tsquery) FROM inbox_appealtext WHERE appeal_id = ANY(%s)"
_HEADLINES = f"""
SELECT t.appeal_id, ts_headline('pg_catalog.russian', translate(left(t.text, 5000), '{OPENS}{CLOSES}', ''),
    %s::tsquery, 'StartSel="{OPENS}", StopSel="{CLOSES}", MaxWords=34, MinWords=20, MaxFragments=1')
FROM inbox_appealtext t WHERE t.appeal_id = ANY(%s)
"""
_TOO_LONG = re.compile(rf"\S{{{LONGEST_WORD + 1},}}")


class Asked(NamedTuple):
    """What somebody typed, as the database takes it."""

    #: The whole question, and the same without the order of words.
    query: str
    unordered: str
    #: Whether there is a word that can be looked for at all; small words that stand everywhere cannot.
    has_words: bool
    #: Whether it says what a text holds, and not only what it lacks.
    says_what: bool
    #: Whether the order of words counts.
    ordered: bool


def ask(typed: str) -> Asked:
    """Return what somebody typed as a question to the index."""
    short = _TOO_LONG.sub(" ", typed.replace("\x00", " "))
    query, has_words, says_what, ordered, unordered = row(_READ, [short])
    # A word that no entry can hold is found nowhere, and so nothing is.
    whole = short == typed
    return Asked(query, unordered, has_words and whole, says_what, ordered)


def find(asked: Asked) -> bytes:
    """Return the ids (16 bytes each) of all texts that hold the words, within `acting` or `working`.

    The order of the words is left out of account: `through` looks at it.
    """
    if not (asked.has_words and asked.says_what):
        return b""
    [(found,)] = binary_rows(_FIND, [asked.unordered])
    return bytes(found)


def through(asked: Asked, ids: Sequence[UUID]) -> list[UUID]:
    """Return those of some texts that hold the words in the order that was asked for."""
    with connection.cursor() as cursor:
        cursor.execute(_THROUGH, [list(ids), asked.query])
        return [one for (one,) in cursor.fetchall()]


def ranked(asked: Asked, ids: Sequence[UUID]) -> list[UUID]:
    """Return texts in the order of how well they fit, the best first."""
    with connection.cursor() as cursor:
        cursor.execute(_RANK, [asked.query, list(ids)])
        found = cursor.fetchall()
    return [id for id, _ in sorted(found, key=lambda pair: (-pair[1], pair[0]))]


def headlines(asked: Asked, ids: Sequence[UUID]) -> dict[UUID, list[tuple[str, bool]]]:
    """Return the place of each masked text where the words stand: pieces, and whether each was asked for."""
    with connection.cursor() as cursor:
        cursor.execute(_HEADLINES, [asked.query, list(ids)])
        return {id: list(_pieces(line)) for id, line in cursor.fetchall()}


def _pieces(line: str) -> list[tuple[str, bool]]:
    first, *rest = line.split(OPENS)
    made = [(first, False)]
    for part in rest:
        found, _, after = part.partition(CLOSES)
        made += [(found, True), (after, False)]
    return [(text, found) for text, found in made if text]
