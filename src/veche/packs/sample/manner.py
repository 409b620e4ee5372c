"""How an author writes: capitals, a phone transcript, a messenger; slips of the finger and of spelling.

A piece with personal data is only changed letter by letter, so that offsets into it stay true.
"""

import re
from collections.abc import Callable, Iterator, Mapping

Change = Callable[[str], str]

#: Marks that nobody hears, and dashes between words.
_MARKS = str.maketrans(dict.fromkeys('.,!?;:()«»"…'))
_DASHES = (" – ", " — ", " - ")


def change(manner: str) -> Change:
    """Return how a piece without personal data is written in a manner."""
    return {"lower": _lower, "transcript": _transcript, "caps": _caps}.get(manner, _plain)


def change_in_place(manner: str) -> Change:
    """Return how a piece with personal data is written: as long as it was, letter by letter."""
    same_length = {"caps": _upper_letters, "transcript": _lower_letters}
    return same_length.get(manner, _as_it_is)


def dialect(words: Mapping[str, str]) -> Change:
    """Return how a piece sounds in dialect: each of `words`, written small, becomes what it stands for."""
    pattern = re.compile("|".join(rf"\b{re.escape(word)}\b" for word in words) or r"(?!)")
    return lambda piece: pattern.sub(lambda found: words[found[0]], piece)


def _plain(piece: str) -> str:
    return piece[:1].upper() + piece[1:]


def _lower(piece: str) -> str:
    return (piece[:1].lower() + piece[1:]).removesuffix(".") or piece


def _transcript(piece: str) -> str:
    heard = piece.lower()
    for dash in _DASHES:
        heard = heard.replace(dash, " ")
    return heard.translate(_MARKS) or piece


def _caps(piece: str) -> str:
    return piece.upper().replace(".", "!!!" if len(piece) % 2 else "!")


def _as_it_is(piece: str) -> str:
    return piece


def _upper_letters(piece: str) -> str:
    upper = piece.upper()
    return upper if len(upper) == len(piece) else piece


def _lower_letters(piece: str) -> str:
    lower = piece.lower()
    return lower if len(lower) == len(piece) else piece


class Slips:
    """Makes one typing or spelling slip at a time."""

    def __init__(self, *, neighbours: Mapping[str, str], confused: Mapping[str, str]) -> None:
        self._neighbours = neighbours
        self._confused = confused

    def slip(self, piece: str, draw: Iterator[int]) -> str:
        """Return `piece` with one slip in it, or as it was where the drawn letter takes none."""
        if len(piece) < 8:
            return piece
        at = 1 + next(draw) % (len(piece) - 2)
        letter = piece[at]
        if not letter.isalpha():
            return piece
        kind = next(draw) % 6
        if kind == 0:
            return piece[:at] + piece[at + 1 :]
        if kind == 1:
            return piece[:at] + letter + piece[at:]
        if kind == 2:
            return piece[:at] + piece[at + 1] + letter + piece[at + 2 :]
        if kind == 3:
            near = self._neighbours.get(letter, letter)
            return piece[:at] + near[next(draw) % len(near)] + piece[at + 1 :]
        return piece[:at] + self._confused.get(letter, letter) + piece[at + 1 :]
