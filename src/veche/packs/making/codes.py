"""Makes codes from titles: lower-case Latin words, as `veche.packs.tables.CODE` wants them.

Cyrillic follows the table of ICAO Doc 9303, part 3, section 6.B, as passports do, with letters of the Turkic
languages of Russia and Kazakhstan added by their sound. Letters of other scripts are left out.
"""

import re
import unicodedata
from collections.abc import Container

#: A code made from a title is no longer, so that it can be read in a table.
_LONGEST = 40

_TABLE = (
    "аa бb вv гg дd еe ёe жzh зz иi йi кk лl мm нn оo пp рr сs тt уu фf хkh цts чch шsh щshch ъie ыy ь "
    "эe юiu яia іi їi єie ґg ўu әa өo үu ұu қk ғg ңn һh җj ҙz ҫs ӑa ӗe ӳu"
)
_LATIN = {pair[0]: pair[1:] for pair in _TABLE.split()}


def code_of(title: str, *, taken: Container[str] = (), default: str = "entry") -> str:
    """Return a code made from `title` that is not `taken`: "Ямы на дорогах" gives "iamy-na-dorogakh".

    `default` stands for a title that has no letter to make a code from.
    """
    latin = "".join(_LATIN.get(letter, letter) for letter in title.lower())
    plain = unicodedata.normalize("NFKD", latin).encode("ascii", "ignore").decode()
    words = re.findall(r"[a-z0-9]+", plain.replace("'", ""))
    code = "-".join(words)
    if len(code) > _LONGEST:
        code = code[: _LONGEST + 1].rpartition("-")[0] or code[:_LONGEST]
    return unique(code or default, taken=taken)


def unique(code: str, *, taken: Container[str]) -> str:
    """Return `code`, with a number where it is taken."""
    if code not in taken:
        return code
    return next(f"{code}-{n}" for n in range(2, 1_000_000) if f"{code}-{n}" not in taken)
