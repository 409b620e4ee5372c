"""Cuts texts into sentences, a whole batch at once; used by matters, language, digests and themes.

Knows abbreviations ("ул.", "т.д.", "И.О.", "e.g."), decimal numbers, items of lists, forms
("Make: x | Model: y") and people who forget the space or the capital after a full stop. Judges nothing
about what sentences say.
"""

from functools import cache

import numpy as np

from veche.core.text import Matches, Texts, compile_pattern

_LIMIT = 0x3100
_STOPS, _ENDINGS = ".!?…。！？", "»”\"')]’"
#: A full stop after one of these ends no sentence.
_SHORT = compile_pattern(
    r"(?:^|[^\p{L}])((?:ул|пр|просп|пер|б-р|ш|наб|пл|мкр|кв|г|гор|с|п|пос|д|дер|ст|обл|р-н|респ|им|корп|к|стр|оф|эт|"
    r"тел|моб|доб|руб|коп|тыс|млн|млрд|чел|ок|см|т|т\.е|т\.к|т\.н|т\.ч|напр|прим|ст|п\.п|абз|гр|гос|зам|проф|акад|рис|"
    r"табл|св|о|р|мин|час|сек|кг|гл|ред|изд|вв|н\.э|уч|"
    r"st|ave|rd|blvd|dr|mr|mrs|ms|prof|sr|jr|no|vs|etc|e\.g|i\.e|approx|apt|dept|est|inc|ltd|co|corp|mt|ft|sq|hwy|ct|"
    r"ln|pl|tel|ext|p\.m|a\.m|avda|dña|núm|pza|ej)\.)"
)
#: The same, but with a capital after it the sentence is over: "и т.д. Прошу ...", "в 2023 г. Прошу ...".
_SHORT_LAST = compile_pattern(
    r"(?:^|[^\p{L}])((?:т\. ?д|т\. ?п|др|пр|etc|p\.m|a\.m|руб|тыс|млн|млрд|коп|чел|мин|час|[0-9]{4} ?г|гг|вв|"
    r"inc|ltd|st|ave|rd|blvd|[0-9]+ ?(?:кв|д|к|корп))\.)"
)
#: "1. " at the beginning of a line, of a sentence or after a colon belongs to what follows.
_ITEM_STOP = compile_pattern(r"(?:^|[\x00\n:;!?•|]\s*|\p{L}{4}\.\s+)([0-9]{1,2}\.)\s")
#: "1) ", "б) " inside a line opens an item.
_ITEM = compile_pattern(r"[\s,;:.]((?:[0-9]{1,2}|[а-еa-e])\)\s?)[\p{L}«\"]")
_BAR = compile_pattern(r"( \| )")


def sentences(texts: Texts) -> Matches:
    """Return the sentences of a batch in order; `which` is 0. Offsets count code points within the row.

    Sentences hold no surrounding spaces and have a letter or a digit each.
    """
    codes = np.minimum(texts.code_points, _LIMIT - 1)
    if not len(codes):
        empty = np.zeros(0, np.int64)
        return Matches(empty, empty, empty, empty)
    cuts = _cuts(texts, codes)
    starts = np.concatenate([[0], cuts])
    ends = np.concatenate([cuts, [len(codes)]])
    return _trimmed(texts, codes, starts, ends)


def _cuts(texts: Texts, codes: np.ndarray) -> np.ndarray:
    """Return the places of the joined text where a sentence may begin; rows always begin at one."""
    n = len(codes)
    stop, ending, space, line, letter, upper, lower, opener = (table[codes] for table in _tables())
    after_stop = np.flatnonzero(stop[:-1] & ~stop[1:]) + 1
    after = _skip(after_stop, ending)
    dot = codes[after_stop - 1] == ord(".")
    following = _skip(after, space)
    beyond = np.minimum(following, n - 1)
    apart = (after == n) | space[np.minimum(after, n - 1)] | (codes[np.minimum(after, n - 1)] == 0)
    # Chinese and Japanese put no space after a full stop.
    apart |= codes[after_stop - 1] > 0xFF
    capital = upper[beyond] | opener[beyond] | (codes[beyond] == 0) | (following == n)
    words_before = (after_stop >= 3) & lower[after_stop - 2] & lower[np.maximum(after_stop - 3, 0)]
    glued = ~apart & upper[np.minimum(after, n - 1)] & (~dot | words_before)
    single = (
        letter[np.maximum(after_stop - 2, 0)] & ~letter[np.maximum(after_stop - 3, 0)] & (after_stop >= 2)
    )
    held = dot & (single | np.isin(after_stop, _ends(texts, _SHORT)))
    freed = np.isin(after_stop, _ends(texts, _SHORT_LAST)) & capital & apart
    held &= ~freed
    held |= dot & np.isin(after_stop, _ends(texts, _ITEM_STOP))
    good = following[(apart | glued) & ~held]
    breaks = np.flatnonzero(line)
    next_line = _skip(breaks, space)
    beyond = np.minimum(next_line, n - 1)
    blank = _count_lines(line, breaks, next_line) > 1
    new = blank | upper[beyond] | opener[beyond] | ~(letter[beyond] | (codes[beyond] == 0))
    items = _starts(texts, _ITEM)
    bars = _ends(texts, _BAR)
    cuts = np.concatenate([good, next_line[new], items, bars, texts.starts[:-1]])
    cuts = np.unique(cuts)
    return cuts[(cuts > 0) & (cuts < n)]


def _ends(texts: Texts, pattern: object) -> np.ndarray:
    found = texts.search(pattern, folded=True, group=1)
    return texts.starts[found.row] + found.end


def _starts(texts: Texts, pattern: object) -> np.ndarray:
    found = texts.search(pattern, folded=True, group=1)
    return texts.starts[found.row] + found.start


def _skip(places: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Return, for each place, the first place at or after it where `mask` does not hold."""
    free = np.concatenate([np.flatnonzero(~mask), [len(mask)]])
    return free[np.searchsorted(free, places)]


def _count_lines(line: np.ndarray, starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    total = np.concatenate([[0], np.cumsum(line)])
    return total[ends] - total[starts]


def _trimmed(texts: Texts, codes: np.ndarray, starts: np.ndarray, ends: np.ndarray) -> Matches:
    """Return the pieces without spaces around them, those with no letter or digit left out."""
    _, _, space, _, letter, _, _, _ = _tables()
    idle = space[codes] | (codes == 0) | (codes == ord("|"))
    first = _skip(starts, idle)
    busy = np.concatenate([[-1], np.flatnonzero(~idle)])
    last = busy[np.searchsorted(busy, ends, side="left") - 1] + 1
    word = np.concatenate([[0], np.cumsum(letter[codes] | ((codes >= 48) & (codes <= 57)))])
    keep = (first < last) & (word[np.maximum(last, first)] > word[np.minimum(first, len(codes))])
    first, last = first[keep], last[keep]
    row = np.searchsorted(texts.starts, first, side="right") - 1
    base = texts.starts[row]
    return Matches(row, first - base, last - base, np.zeros(len(row), np.int64))


@cache
def _tables() -> tuple[np.ndarray, ...]:
    """Return which code points are stops, endings, spaces, line breaks, letters, capitals, small, openers."""
    points = [chr(c) for c in range(_LIMIT)]

    def where(test: str | None, method: str = "") -> np.ndarray:
        return np.array([(c in test) if test is not None else getattr(c, method)() for c in points])

    return (
        where(_STOPS),
        where(_ENDINGS),
        where(None, "isspace"),
        where("\n\r\u2028\u2029"),
        where(None, "isalpha"),
        where(None, "isupper"),
        where(None, "islower"),
        where("«“\"'([-–—•*¿¡0123456789"),
    )
