"""Single fields from columns of strings: ages, words for the sexes, positions, names of files.

Each function reads a whole column and says which filled cells it could not read.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from veche.intake.columns import mixed
from veche.intake.headers import plain

_SEX = {
    "female": "f female ж жен женский женщина женский пол woman w mujer femenino weiblich frau девушка әйел",
    "male": "m male м муж мужской мужчина мужской пол man hombre masculino mannlich mann h varon ер еркек",
}
_SEX_WORDS = {
    **{word: sex for sex, words in _SEX.items() for word in words.split()},
    "женский пол": "female",
    "мужской пол": "male",
}
del _SEX_WORDS["пол"]

_AGE = r"^\s*(?P<age>\d{1,3})(?:[.,]0+)?\s*(?:лет|года?|г|years?(?: old)?|yo|y|yrs?|años|jahre)?\.?\s*$"
_NUMBER = r"^\s*[+-]?\d{1,3}(?:[.,]\d*)?\s*$"
_NAMES = r"\s*[;|\n,]\s*"


class Read(NamedTuple):
    """A column of values, and which of the filled cells it could not be read from (boolean)."""

    values: pa.Array
    bad: np.ndarray


def as_strings(column: pa.Array | pa.ChunkedArray) -> pa.Array | None:
    """Return any column as strings without NULs, None for one that holds bytes.

    Instants become ISO 8601, lists and objects JSON, whole numbers of a float column lose the fraction.
    """
    values = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    kind = values.type
    if pa.types.is_dictionary(kind):
        values = values.dictionary_decode()
        kind = values.type
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind):
        return None
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind) or pa.types.is_integer(kind):
        values = values.cast(pa.string())
    elif not pa.types.is_string(kind):
        values = mixed(values.to_pylist())
    return without_nuls(values)


def without_nuls(values: pa.Array) -> pa.Array:
    """Return a column of strings without NUL characters."""
    if not pc.any(pc.match_substring(values, "\x00")).as_py():
        return values
    return pc.replace_substring(values, "\x00", "")


def filled(values: pa.Array) -> np.ndarray:
    """Return which cells of a column of strings are not blank."""
    return pc.fill_null(pc.match_substring_regex(values, r"\S"), False).to_numpy(zero_copy_only=False)


def blank_as_null(values: pa.Array) -> pa.Array:
    """Return trimmed strings, null where nothing is left."""
    trimmed = pc.utf8_trim_whitespace(values)
    return pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed)


def read_ages(values: pa.Array) -> Read:
    """Read ages from 0 to 120 (int16)."""
    found = pc.struct_field(pc.extract_regex(pc.utf8_lower(values), _AGE), "age").cast(pa.int16())
    sane = pc.if_else(pc.less_equal(found, 120), found, pa.scalar(None, pa.int16()))
    return _read(sane, values)


def read_sexes(values: pa.Array) -> Read:
    """Read the words for the sexes ("female", "male")."""
    encoded = values.dictionary_encode()
    words = [_SEX_WORDS.get(plain(w or "")) for w in encoded.dictionary.to_pylist()]
    return _read(pa.array(words, pa.string()).take(encoded.indices), values)


def read_degrees(values: pa.Array | pa.ChunkedArray, *, limit: float) -> Read:
    """Read degrees from -`limit` to `limit` (float64), with a decimal point or comma."""
    column = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    if pa.types.is_floating(column.type) or pa.types.is_integer(column.type):
        given = column.is_valid().to_numpy(zero_copy_only=False)
        numbers = column.cast(pa.float64())
    else:
        text = as_strings(column)
        assert text is not None
        given = filled(text)
        matched = pc.if_else(pc.match_substring_regex(text, _NUMBER), text, pa.scalar(None, pa.string()))
        numbers = pc.cast(pc.replace_substring(pc.utf8_trim_whitespace(matched), ",", "."), pa.float64())
    sane = pc.if_else(pc.less_equal(pc.abs(numbers), limit), numbers, pa.scalar(None, pa.float64()))
    return Read(sane, given & ~sane.is_valid().to_numpy(zero_copy_only=False))


def without_null_island(lat: pa.Array, lon: pa.Array) -> tuple[pa.Array, pa.Array]:
    """Return positions with (0, 0) as null: what forms write where nobody chose a place."""
    nowhere = pc.fill_null(pc.and_(pc.equal(lat, 0), pc.equal(lon, 0)), False)
    missing = pc.or_(nowhere, pc.or_(lat.is_null(), lon.is_null()))
    none = pa.scalar(None, pa.float64())
    return pc.if_else(missing, none, lat), pc.if_else(missing, none, lon)


def read_names(values: pa.Array) -> pa.Array:
    """Read lists of file names divided by ; | , or line breaks, or written as a JSON array."""
    text = blank_as_null(values)
    bare = pc.replace_substring_regex(text, r'^\[\s*"?|"?\s*\]$', "")
    bare = pc.replace_substring_regex(bare, r'"\s*,\s*"', ";")
    return pc.split_pattern_regex(bare, _NAMES).cast(pa.list_(pa.string()))


def _read(values: pa.Array, texts: pa.Array) -> Read:
    return Read(values, filled(texts) & ~values.is_valid().to_numpy(zero_copy_only=False))


def join_filled(parts: Sequence[pa.Array], separator: str) -> pa.Array:
    """Return, row by row, the cells that are not null, joined; null where all are.

    The option of Arrow's own join that skips nulls loses the rows in which all are null.
    """
    joined = parts[0]
    for part in parts[1:]:
        both = pc.binary_join_element_wise(joined, part, separator)
        joined = pc.coalesce(both, joined, part)
    return joined


def kept_column(columns: dict[str, pa.Array], rows: int) -> pa.Array:
    """Return map<string,string> of the filled cells of `columns`, in their order, for `rows` rows."""
    kind = pa.map_(pa.string(), pa.string())
    if not columns or not rows:
        return pa.array([[]] * rows, kind)
    lengths = [pc.fill_null(pc.binary_length(c), 0).to_numpy(zero_copy_only=False) for c in columns.values()]
    has = np.column_stack(lengths) > 0
    row, which = np.nonzero(has)
    values = pa.chunked_array(list(columns.values()), pa.string()).take(pa.array(which * rows + row))
    keys = pa.array(list(columns), pa.string()).take(pa.array(which))
    offsets = np.concatenate([[0], np.cumsum(has.sum(axis=1))]).astype(np.int32)
    return pa.MapArray.from_arrays(pa.array(offsets), keys, values.combine_chunks())
