"""Measures how many sample appeals say something that no other says."""

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc


def normalised(texts: pa.Array | pa.ChunkedArray) -> Any:
    """Return texts with small letters, ё as е, and one space for whatever is neither letter nor digit."""
    small = pc.call_function("utf8_lower", [texts])
    plain = pc.call_function("replace_substring", [small], pc.ReplaceSubstringOptions("ё", "е"))
    words = pc.call_function(
        "replace_substring_regex", [plain], pc.ReplaceSubstringOptions(r"[^\p{L}\p{N}]+", " ")
    )
    return pc.call_function("utf8_trim_whitespace", [words])


def distinct_share(appeals: pa.Table, truth: pa.Table) -> float:
    """Return the share of different texts among those that were not planted as copies (0 to 1)."""
    original = pc.call_function("is_null", [truth["copy_of"]])
    texts = normalised(appeals["text"].filter(original))
    return pc.call_function("count_distinct", [texts]).as_py() / len(texts)
