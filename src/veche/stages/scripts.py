"""Writing systems: counts of letters per text by script, and by letter of the Cyrillic alphabets.

Works on code points of a whole batch at once; decides nothing.
"""

from functools import cache
from typing import NamedTuple

import numpy as np

from veche.core.text import Texts

#: Script code (ISO 15924) and its ranges of code points, from the blocks of Unicode 15.
_RANGES = {
    "Latn": ((0x41, 0x24F), (0x1E00, 0x1EFF)),
    "Cyrl": ((0x400, 0x52F),),
    "Grek": ((0x370, 0x3FF),),
    "Armn": ((0x530, 0x58F),),
    "Hebr": ((0x590, 0x5FF),),
    "Arab": ((0x600, 0x6FF), (0x750, 0x77F)),
    "Deva": ((0x900, 0x97F),),
    "Beng": ((0x980, 0x9FF),),
    "Thai": ((0xE00, 0xE7F),),
    "Geor": ((0x10A0, 0x10FF), (0x1C90, 0x1CBF)),
    "Hang": ((0x1100, 0x11FF), (0xAC00, 0xD7AF)),
    "Kana": ((0x3040, 0x30FF),),
    "Hani": ((0x4E00, 0x9FFF),),
}
SCRIPTS = tuple(_RANGES)

_LIMIT = 0x10000
_RUSSIAN = "абвгдеёжзийклмнопрстуфхцчшщъыьэюя"

#: Letters of alphabets in Cyrillic by language: the national standards as given in Unicode CLDR 44.
ALPHABETS = {
    "ru": _RUSSIAN,
    "uk": "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя",
    "be": "абвгдеёжзійклмнопрстуўфхцчшыьэюя",
    "bg": "абвгдежзийклмнопрстуфхцчшщъьюя",
    "sr": "абвгдђежзијклљмнњопрстћуфхцчџш",
    "mk": "абвгдѓежзѕијклљмнњопрстќуфхцчџш",
    "kk": _RUSSIAN + "әғқңөұүһі",
    "ky": _RUSSIAN + "ңөү",
    "tt": _RUSSIAN + "әөүҗңһ",
    "ba": _RUSSIAN + "ғҙҡңөҫүһә",
    "cv": _RUSSIAN + "ӑӗҫӳ",
    "mn": _RUSSIAN + "өү",
    "tg": "абвгғдеёжзийӣкқлмнопрстуӯфхҳчҷшъэюя",
    "sah": _RUSSIAN + "ҕҥөһү",
    "tyv": _RUSSIAN + "ңөү",
    "os": _RUSSIAN + "ӕ",
    "ce": _RUSSIAN + "ӏ",
    "av": _RUSSIAN + "ӏ",
    "kv": _RUSSIAN + "іӧ",
    "mhr": _RUSSIAN + "ҥӧӱ",
    "myv": _RUSSIAN,
}
LETTERS = "".join(sorted(set().union(*ALPHABETS.values())))


class Counts(NamedTuple):
    """Letters per text by script (rows x SCRIPTS), and by Cyrillic letter (rows x LETTERS)."""

    scripts: np.ndarray
    letters: np.ndarray


def count_letters(texts: Texts) -> Counts:
    """Count the letters of each text of a batch."""
    codes = np.minimum(texts.code_points, _LIMIT - 1)
    rows = np.repeat(np.arange(len(texts)), np.diff(texts.starts))[: len(codes)]
    script_of, letter_of = _tables()
    return Counts(
        _count(rows, script_of[codes], len(texts), len(SCRIPTS)),
        _count(rows, letter_of[codes], len(texts), len(LETTERS)),
    )


def _count(rows: np.ndarray, which: np.ndarray, n_rows: int, n_values: int) -> np.ndarray:
    keep = which >= 0
    flat = rows[keep] * n_values + which[keep]
    return np.bincount(flat, minlength=n_rows * n_values).reshape(n_rows, n_values)


@cache
def _tables() -> tuple[np.ndarray, np.ndarray]:
    """Return, per code point, the index of its script and of its Cyrillic letter, -1 for none."""
    script = np.full(_LIMIT, -1, np.int64)
    for index, ranges in enumerate(_RANGES.values()):
        for first, last in ranges:
            for code in range(first, last + 1):
                if chr(code).isalpha():
                    script[code] = index
    letter = np.full(_LIMIT, -1, np.int64)
    for index, char in enumerate(LETTERS):
        letter[ord(char)] = letter[ord(char.upper())] = index
    return script, letter


@cache
def strange_letters() -> tuple[tuple[str, ...], np.ndarray]:
    """Return the languages of `ALPHABETS` and, per language and letter, 1 where the alphabet lacks it."""
    rows = [[float(char not in alphabet) for char in LETTERS] for alphabet in ALPHABETS.values()]
    return tuple(ALPHABETS), np.array(rows)
