"""Messages in the reader's language through gettext.

English is written in the code; other languages come from `locale/*/LC_MESSAGES/veche.po`, compiled
when the package is built. One language holds for the whole process: `set_language` picks it once,
also for the words of the library that reads the command line. A process that serves many readers
speaks to each in theirs with `speaking`.
"""

import gettext as _gettext
import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

LANGUAGES = ("en", "ru")

_DOMAIN = "veche"
_LOCALE = Path(__file__).resolve().parent.parent / "locale"
_current: _gettext.NullTranslations = _gettext.NullTranslations()
_language = "en"
_spoken: ContextVar[str | None] = ContextVar("spoken", default=None)


def language_of_environment() -> str:
    """Return the language that the environment asks for, `en` where it asks for none that we speak."""
    for name in ("VECHE_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name, "")
        if value:
            return value[:2] if value[:2] in LANGUAGES else "en"
    return "en"


def set_language(language: str) -> None:
    """Make `language` (one of `LANGUAGES`) the language of all messages from now on.

    click asks the default domain of the standard gettext for its own words ("Usage:", "Missing
    option"), and gettext picks the language from the variable LANGUAGE before all others. So our
    catalogue becomes the default domain and LANGUAGE is set; `veche.cli.click_words` lists the words.
    """
    global _current, _language
    _current = _catalogue(language)
    _language = language
    _gettext.bindtextdomain(_DOMAIN, str(_LOCALE))
    _gettext.textdomain(_DOMAIN)
    os.environ["LANGUAGE"] = language


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Let `language` (one of `LANGUAGES`) hold in this thread or task until the end of the block."""
    token = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(token)


def language() -> str:
    """Return the language in force."""
    return _spoken.get() or _language


def _(message: str) -> str:
    """Translate `message`."""
    return _in_force().gettext(message) if message else message


def ngettext(singular: str, plural: str, n: int) -> str:
    """Translate the form that goes with the number `n`."""
    return _in_force().ngettext(singular, plural, n)


def _in_force() -> _gettext.NullTranslations:
    spoken = _spoken.get()
    return _catalogue(spoken) if spoken else _current


@cache
def _catalogue(language: str) -> _gettext.NullTranslations:
    return _gettext.translation(_DOMAIN, _LOCALE, [language], fallback=True)
