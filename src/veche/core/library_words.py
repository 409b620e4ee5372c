"""Reasons that the system and the standard library give in English, so that they too are translated.

They come with an error ("No space left on device") and stand inside our messages. Listed are those
that people meet; any other is shown as it came.
"""

from veche.core.errors import N_
from veche.core.i18n import _

#: What `OSError.strerror` says (glibc, the texts of `strerror`).
SYSTEM = (
    N_("Cannot allocate memory"),
    N_("Device or resource busy"),
    N_("Disk quota exceeded"),
    N_("File exists"),
    N_("File name too long"),
    N_("File too large"),
    N_("Input/output error"),
    N_("Is a directory"),
    N_("No space left on device"),
    N_("No such file or directory"),
    N_("Not a directory"),
    N_("Operation not permitted"),
    N_("Permission denied"),
    N_("Read-only file system"),
    N_("Too many levels of symbolic links"),
    N_("Too many open files"),
)

#: What `tomllib.TOMLDecodeError` and `csv.Error` say.
PARSERS = (
    N_("Cannot overwrite a value"),
    N_("Expected '=' after a key in a key/value pair"),
    N_("Expected ']' at the end of a table declaration"),
    N_("Expected ']]' at the end of an array declaration"),
    N_("Expected newline or end of document after a statement"),
    N_("Invalid initial character for a key part"),
    N_("Invalid statement"),
    N_("Invalid value"),
    N_("Unclosed array"),
    N_("Unclosed inline table"),
    N_("Unterminated string"),
    N_("unexpected end of data"),
)


def reason(error: BaseException) -> str:
    """Return why the system refused, in the language in force; the kind of error where it does not say."""
    said = getattr(error, "strerror", None)
    return _(said) if said else type(error).__name__
