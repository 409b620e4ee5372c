"""Patterns of words for the linear-time engine, whose own word boundary knows ASCII letters only."""

from typing import Any

from veche.core.text import compile_pattern

_BEFORE, _AFTER = r"(?:^|[^\p{L}\p{N}])", r"(?:[^\p{L}\p{N}]|$)"


def whole(*alternatives: str, after: str = _AFTER) -> Any:
    """Compile a pattern that finds any of `alternatives` as whole words; group 1 is what was found.

    Search folded text with `group=1`: the match itself reaches one character further to each side, and
    over the edge of a row. `after` is the pattern of what must follow.
    """
    return compile_pattern(f"{_BEFORE}({'|'.join(alternatives)}){after}")


def ending_in(*alternatives: str, then: str) -> Any:
    """Compile a pattern for any of `alternatives` as whole words, then `then`, at the end of the text."""
    return compile_pattern(f"{_BEFORE}(?:{'|'.join(alternatives)}){then}$")
