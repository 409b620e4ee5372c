"""Patterns that a pack may hold: what local identifiers look like, for the masks stage.

They run on a linear-time engine (RE2) over the texts of a whole batch at once. So that no hit runs on into
the next text, they name their characters and never say "anything but".
"""

import re

import re2

from veche.core.i18n import _
from veche.core.text import compile_pattern

#: Classes of characters that are closed ("[A-Z.]") or escaped ("\\."): they are named.
_NAMED = re.compile(r"\[(?!\^)\]?(?:[^\]\\[]|\[(?!:)|\[:\w+:\]|\\[^SWDCPX])*\]|\\[^SWDCPX]")


def fault_of(pattern: str) -> tuple[str, str] | None:
    """Return what is wrong with `pattern` and what to do, None where it may be used."""
    try:
        compiled = compile_pattern(pattern)
    except re2.error as error:
        reason = error.args[0]
        return (
            _("“{pattern}” is no pattern that can be searched in linear time: {reason}.").format(
                pattern=pattern, reason=reason.decode() if isinstance(reason, bytes) else reason
            ),
            _("Use the syntax of RE2: no references back, no looking ahead or behind."),
        )
    if any(mark in _NAMED.sub("", pattern) for mark in (".", "[", "\\")):
        return (
            _("“{pattern}” leaves open which characters it takes.").format(pattern=pattern),
            _("Name them, like [0-9] or [A-Z], instead of “.”, “[^ ]” or “\\S”."),
        )
    if compiled.search("") is not None:
        return (
            _("“{pattern}” also finds nothing at all.").format(pattern=pattern),
            _("Ask for at least one character."),
        )
    return None
